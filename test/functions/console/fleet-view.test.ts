import { describe, expect, it } from "vitest";
import { fleetView, rowsPerPage } from "../../../functions/console/pages/fleet-view.ts";
import type { Fleet } from "../../../functions/use-cases/read-fleet.ts";
import { noFilter } from "../../../functions/use-cases/search-fleet.ts";
import { MemoryConsoleData } from "./memory-console-data.ts";
import { at, healthySample, sampleDocument, sampleSummary, takenOverSample } from "./sample-cluster.ts";

async function sampleFleet(): Promise<Fleet> {
  const data = new MemoryConsoleData();
  const [zoo, acme] = [data.addCustomer("Zoo"), data.addCustomer("Acme")];
  data.addCustomer("Later");
  data.put(healthySample({ number: 1, name: "Gate", nodeNames: ["gate-1", "gate-2"] }), zoo);
  data.put(takenOverSample({ number: 2, name: "Switchboard", nodeNames: ["pbx-1", "pbx-2", "pbx-3"] }), zoo);
  const dark = healthySample({ number: 3, name: "Yard", nodeNames: ["yard-1", "yard-2"] });
  data.put({ ...dark, presence: dark.presence.map((one) => ({ ...one, connected: false, since: at(9) })) }, acme);
  data.put({ document: sampleDocument({ number: 4, name: "Hall", nodeNames: [] }), reports: [], presence: [], events: [] }, acme);
  data.put(healthySample({ number: 5, name: "Ward", nodeNames: ["ward-1", "ward-2"] }), acme);
  return data.fleet();
}

const names = (view: ReturnType<typeof fleetView>) => view.rows.map((row) => row.status.name);

describe("fleet view", () => {
  it("trouble comes first, then customer and name; every cluster is counted under its health", async () => {
    const view = fleetView(await sampleFleet(), noFilter, 1);
    expect(names(view)).toEqual(["Switchboard", "Yard", "Hall", "Ward", "Gate"]);
    expect(view.counts).toEqual({ down: 0, degraded: 1, unknown: 1, empty: 1, ok: 2 });
    expect(view.customersWithoutCluster.map(({ name }) => name)).toEqual(["Later"]);
  });

  it("a row: who is operational and how many nodes are up", async () => {
    const [row] = fleetView(await sampleFleet(), noFilter, 1).rows;
    expect(row).toMatchObject({ customerName: "Zoo", status: { operational: ["pbx-2"] } });
    expect(row?.status.nodes.map(({ isUp }) => isUp)).toEqual([false, true, true]);
  });

  it.each([
    ["zoo", ["Switchboard", "Gate"]],
    ["  WARD ", ["Ward"]],
    ["pbx-3", ["Switchboard"]],
    ["10.0.3.12", ["Yard"]],
    ["nothing", []],
  ])("searched for %j in names and addresses", async (search, expected) => {
    const view = fleetView(await sampleFleet(), { ...noFilter, search }, 1);
    expect(names(view)).toEqual(expected);
    expect(view.clusterCount).toBe(5);
  });

  it("one health chosen: only its clusters, while the counts stay those of all", async () => {
    const view = fleetView(await sampleFleet(), { ...noFilter, health: "ok" }, 1);
    expect(names(view)).toEqual(["Ward", "Gate"]);
    expect(view.counts.degraded).toBe(1);
  });

  it("a long list is shown in pages, which together hold every cluster once; beyond the last is the last", () => {
    const clusters = Array.from({ length: 2 * rowsPerPage + 3 }, (_, index) =>
      sampleSummary(healthySample({ number: index + 1, name: `Cluster ${index + 1}`, nodeNames: ["a", "b"] })),
    );
    const page = (number: number) => fleetView({ customers: [], clusters }, noFilter, number);
    expect([page(1).pages, page(1).found, page(9).page]).toEqual([3, 103, 3]);
    expect([1, 2, 3].flatMap((number) => names(page(number)))).toEqual(clusters.map(({ status }) => status.name));
  });
});
