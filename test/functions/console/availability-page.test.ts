import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCluster } from "../../../functions/use-cases/create-cluster.ts";
import { monthOf, neighboursOf } from "../../../functions/use-cases/month.ts";
import { readClusterAvailability } from "../../../functions/use-cases/read-availability.ts";
import { createUser } from "../../../functions/use-cases/users.ts";
import { limits } from "../../../shared/config/limits.ts";
import type { ClusterId, CustomerId, EventId, GroupName, NodeId } from "../../../shared/domain/ids.ts";
import type { EventDetail } from "../../../shared/domain/monitoring/cluster-event.ts";
import { availabilitySchema } from "../../../shared/protocol/availability-contract.ts";
import { type ControlPlane, enrolled, newCluster, startControlPlane } from "../control-plane.ts";
import { HttpVisitor } from "./http-visitor.ts";
import { type RealConsole, startRealConsole } from "./real-console.ts";

const group = "default" as GroupName;
const counted = { votes: 2, voters: 3, startedInMs: 100 };

let plane: ControlPlane;
let server: RealConsole;
let viewer: HttpVisitor;
let clusterId: ClusterId;
let customerId: CustomerId;
let north: NodeId;
let south: NodeId;
let told = 0;

beforeAll(async () => {
  plane = await startControlPlane();
  server = await startRealConsole(plane);
  clusterId = await newCluster(plane, 4);
  const cluster = await plane.dependencies.stores.clusters.find(clusterId);
  if (cluster === undefined) throw new Error("the cluster was not kept");
  ({ customerId } = cluster.document);
  north = (await enrolled(plane, clusterId, "=north()", 7_000)).nodeId;
  south = (await enrolled(plane, clusterId, "south, <b>", 7_010)).nodeId;
  const root = { name: "test", access: { role: "owner", customers: "all" }, expiresAt: null } as const;
  const person = { email: "viewer@example.com", access: { role: "viewer", customers: [customerId] } } as const;
  const { password } = await createUser(server.dependencies, root, person);
  viewer = new HttpVisitor(server.url);
  await viewer.logIn("/", { email: person.email, password });
  plane.clock.nowMs = Date.UTC(2026, 2, 11);
});
afterAll(async () => {
  await server.close();
  await plane.close();
});

async function tell(at: string, reporter: NodeId, detail: EventDetail, of = clusterId): Promise<void> {
  told += 1;
  const eventId = `${reporter}/${told}` as EventId;
  await plane.dependencies.stores.events.add({ eventId, clusterId: of, reporter, at, severity: "info", detail });
}

const takeover = (more: Partial<Extract<EventDetail, { kind: "group.takeover" }>> = {}): EventDetail => {
  return { kind: "group.takeover", group, epoch: told, from: null, silentMs: null, released: null, behind: 0, ...counted, ...more };
};

async function read(path: string): Promise<string> {
  const response = await viewer.request(path);
  expect(response.status).toBe(200);
  return response.text();
}

describe("reports of availability", () => {
  it("months are calendar months in UTC", () => {
    const november = { fromMs: Date.UTC(2026, 10), toMs: Date.UTC(2026, 11) };
    expect(monthOf("2026-11")).toEqual(november);
    expect(neighboursOf(november)).toEqual({ before: "2026-10", after: "2026-12" });
    expect(["2026-13", "2026-1", "November", ""].map(monthOf)).toEqual([null, null, null, null]);
  });

  it("a month of a cluster: what was so before it began, each outage with its cause, and now where it goes on", async () => {
    await tell("2026-01-05T10:00:00.000Z", north, takeover());
    await tell("2026-01-31T23:59:00.000Z", north, { kind: "group.safe-halt", group, epoch: 1, reason: "no majority" });
    await tell("2026-02-01T00:01:00.000Z", south, takeover({ from: north, silentMs: 500 }));
    await tell("2026-02-10T12:00:00.000Z", north, {
      kind: "group.handover",
      group,
      epoch: 3,
      from: south,
      reason: "an operator asked for it",
      ...counted,
    });
    await tell("2026-03-10T23:00:00.000Z", north, { kind: "group.stepped-down", group, epoch: 3, reason: "its service failed" });

    const path = `/v1/clusters/${clusterId}/availability`;
    const february = availabilitySchema.parse(JSON.parse(await read(`${path}?month=2026-02`)));
    expect(february).toMatchObject({
      customer: "Hotel Adler",
      month: "2026-02",
      from: "2026-02-01T00:00:00.000Z",
      to: "2026-03-01T00:00:00.000Z",
    });
    const figures = { observedMs: 28 * 86_400_000, unplannedMs: 60_000, plannedMs: 100, unplannedOutages: 1, plannedOutages: 1 };
    expect(february.clusters).toMatchObject([{ clusterId, isComplete: true, ...figures, groups: [{ group, ...figures }] }]);
    const [halt, handover] = february.clusters[0]?.groups[0]?.outages ?? [];
    expect(halt).toMatchObject({
      from: "2026-01-31T23:59:00.000Z",
      to: "2026-02-01T00:01:00.000Z",
      lengthMs: 120_000,
      length: "at-most",
      isPlanned: false,
      before: "=north()",
      after: "south, <b>",
    });
    expect(halt?.cause).toContain("no majority");
    expect(halt?.events).toHaveLength(2);
    const causes = [
      { cause: "no-majority", words: "no majority of the voters agreed", outages: 1, lostMs: 60_000, longestMs: 60_000 },
      { cause: "wanted", words: "it was moved because somebody wanted that", outages: 1, lostMs: 100, longestMs: 100 },
    ];
    expect(february.causes).toEqual(causes);
    expect(february.clusters[0]?.causes).toEqual(causes);
    expect(handover).toMatchObject({ lengthMs: 100, isPlanned: true, before: "south, <b>", after: "=north()" });

    const january = availabilitySchema.parse(JSON.parse(await read(`${path}?month=2026-01`)));
    expect(january).toMatchObject({ observedMs: Date.UTC(2026, 1) - Date.UTC(2026, 0, 5, 10), unplannedMs: 60_000, unplannedOutages: 1 });
    const march = availabilitySchema.parse(JSON.parse(await read(path)));
    expect(march).toMatchObject({ month: "2026-03", observedMs: 10 * 86_400_000, unplannedMs: 3_600_000 });
    expect(march.clusters[0]?.groups[0]?.outages).toMatchObject([{ to: null, lengthMs: null, before: "=north()", after: null }]);
  });

  it("of a customer: all clusters, those in which nothing ran with no data", async () => {
    const request = { name: "annexe", timing: "default", dataSets: [], resources: [] } as const;
    const { document } = await createCluster(plane.dependencies, customerId, request);
    await tell("2026-02-15T00:00:00.000Z", north, takeover(), document.clusterId);
    const report = availabilitySchema.parse(JSON.parse(await read(`/v1/customers/${customerId}/availability?month=2026-02`)));
    expect(report.clusters.map(({ cluster, observedMs }) => [cluster, observedMs])).toEqual([
      ["annexe", 14 * 86_400_000],
      ["front desk", 28 * 86_400_000],
    ]);
    expect(report.observedMs).toBe(42 * 86_400_000);
    const before = availabilitySchema.parse(JSON.parse(await read(`/v1/customers/${customerId}/availability?month=2025-12`)));
    expect(before).toMatchObject({ observedMs: 0, served: null, clusters: [{ groups: [] }, { groups: [] }] });
  });

  it("as CSV: a line for each group or outage, and no name becomes a formula", async () => {
    const groups = (await read(`/v1/customers/${customerId}/availability?month=2026-02&csv=groups`)).trimEnd().split("\r\n");
    expect(groups).toEqual([
      "month,customer,cluster,group,observedMs,unplannedMs,plannedMs,unplannedOutages,plannedOutages,served,servedCountingPlanned",
      "2026-02,Hotel Adler,annexe,default,1209600000,0,0,0,0,1,1",
      expect.stringMatching(/^2026-02,Hotel Adler,front desk,default,2419200000,60000,100,1,1,0\.99997519\d+,0\.9999751\d+$/),
    ]);
    const lines = async (rows: string) =>
      (await read(`/v1/customers/${customerId}/availability?month=2026-02&csv=${rows}`)).trimEnd().split("\r\n");
    expect((await lines("clusters")).map((line) => line.split(",").slice(0, 5).join())).toEqual([
      "month,customer,cluster,observedMs,unplannedMs",
      "2026-02,Hotel Adler,annexe,1209600000,0",
      "2026-02,Hotel Adler,front desk,2419200000,60000",
    ]);
    expect(await lines("causes")).toEqual([
      "month,customer,cluster,cause,words,outages,lostMs,longestMs",
      "2026-02,Hotel Adler,front desk,no-majority,no majority of the voters agreed,1,60000,60000",
      "2026-02,Hotel Adler,front desk,wanted,it was moved because somebody wanted that,1,100,100",
    ]);
    const answer = await viewer.request(`/clusters/${clusterId}/availability?month=2026-02&csv=outages`);
    expect([answer.headers.get("content-type"), answer.headers.get("content-disposition")]).toEqual([
      "text/csv; charset=utf-8",
      'attachment; filename="outages-2026-02.csv"',
    ]);
    const [headings, halt] = (await answer.text()).split("\r\n");
    expect(headings).toBe("month,customer,cluster,group,from,to,lengthMs,length,isPlanned,before,after,cause");
    expect(halt).toContain(`at-most,,'=north(),"south, <b>",`);
  });

  it("as pages, with the months beside it; markup in a name stays text", async () => {
    const html = await read(`/clusters/${clusterId}/availability?month=2026-02`);
    expect(html).toMatch(/99\.997 %[\s\S]*28 d[\s\S]*1, 1 min in all[\s\S]*1, 0\.100 s in all/);
    expect(html).toContain("south, &lt;b&gt;");
    expect(html).toMatch(/By cause[\s\S]*no majority of the voters agreed[\s\S]*All together/);
    expect(html).toMatch(/month=2026-01" rel="prev"[\s\S]*month=2026-03" rel="next"/);
    const now = await read(`/customers/${customerId}/availability`);
    expect(now).toContain("Goes on");
    expect(now).not.toContain('rel="next"');
    expect(now).toContain("All together");
  });

  it("a month that is none, or has not begun, is refused with what to do", async () => {
    for (const month of ["2026-13", "soon", "2026-04"]) {
      const answer = await viewer.request(`/v1/clusters/${clusterId}/availability?month=${month}`);
      expect([month, answer.status]).toEqual([month, 400]);
      expect(await answer.json()).toMatchObject({ error: { code: "invalid-request" } });
    }
  });

  it("a cluster with more events than a report reads says that it is not complete", async () => {
    const events = Array.from({ length: limits.eventsPerPageMax }, (_, index) => ({
      eventId: `${north}/flood/${index}` as EventId,
      clusterId,
      reporter: north,
      at: "2026-03-05T00:00:00.000Z",
      severity: "info" as const,
      detail: { kind: "agent.started" as const, incarnation: index, agentVersion: "1" },
    }));
    const endless = { ...plane.dependencies.stores.events, page: async () => ({ events, next: "more" }) };
    const stores = { ...plane.dependencies.stores, events: endless };
    const report = await readClusterAvailability({ ...plane.dependencies, stores }, clusterId);
    expect(report.clusters).toMatchObject([{ isComplete: false }]);
  });
});
