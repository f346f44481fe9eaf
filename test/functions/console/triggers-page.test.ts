import { afterAll, beforeAll, expect, it } from "vitest";
import { createTriggerToken } from "../../../functions/use-cases/change-trigger.ts";
import { recordEvent } from "../../../functions/use-cases/record-events.ts";
import { recordReport } from "../../../functions/use-cases/record-report.ts";
import type { ClusterId, EventId, GroupName } from "../../../shared/domain/ids.ts";
import { type ControlPlane, enrolled, newCluster, reportOf, startControlPlane } from "../control-plane.ts";
import { csrfIn, type HttpVisitor } from "./http-visitor.ts";
import { type RealConsole, startRealConsole } from "./real-console.ts";
import { visitorWithRole } from "./visitor-with-role.ts";

let plane: ControlPlane;
let server: RealConsole;
let operator: HttpVisitor;
let viewer: HttpVisitor;
let clusterId: ClusterId;
let here: string;

beforeAll(async () => {
  plane = await startControlPlane();
  server = await startRealConsole(plane);
  clusterId = await newCluster(plane, 2);
  here = `/clusters/${clusterId}/triggers`;
  [operator, viewer] = [await visitorWithRole(server, "operator"), await visitorWithRole(server, "viewer")];
});
afterAll(async () => {
  await server.close();
  await plane.close();
});

const bells = {
  name: "bells",
  group: "default",
  source: "schedule",
  cron: "30 2 * * *",
  zone: "Asia/Tokyo",
  events: "",
  withinSeconds: "3600",
  atMost: "100",
  keptDays: "90",
  action0Name: "ring",
  action0Kind: "command",
  action0To: "ring",
  action1Name: "tell",
  action1Kind: "udp-multicast",
  action1To: "239.1.2.3:5000",
  action1Ttl: "2",
  action1Text: "Schichtwechsel",
  action2Name: "",
  action2Kind: "webhook",
};

async function page(path = here, visitor = operator): Promise<string> {
  const answer = await visitor.request(path);
  expect(answer.status).toBe(200);
  return answer.text();
}

async function send(fields: Record<string, string>, form = ""): Promise<Response> {
  const html = await page();
  const version = String((await plane.dependencies.stores.clusters.find(clusterId))?.document.version);
  return operator.post(`${here}${form}`, { csrf: csrfIn(html), version, step: "change", ...fields });
}

const triggers = async () => (await plane.dependencies.stores.clusters.find(clusterId))?.document.triggers ?? [];

it("a trigger is checked without a change, declared, changed from what it is, and removed; each step says what would follow", async () => {
  expect(await page()).toContain("There is none yet");
  const checked = await send({ ...bells, step: "check" });
  expect([checked.status, await checked.text()]).toEqual([
    200,
    expect.stringMatching(
      /trigger bells is new: set off by the schedule 30 2 \* \* \* \(Asia\/Tokyo\), whoever runs group default does ring: the command ring[^<]*239\.1\.2\.3:5000[\s\S]*value="Asia\/Tokyo"[\s\S]*Action 3</,
    ),
  ]);
  expect(await triggers()).toEqual([]);
  expect((await send(bells)).headers.get("location")).toBe(here);
  expect(await triggers()).toMatchObject([
    {
      name: "bells",
      log: "triggers-default",
      actions: [{ command: "ring" }, { address: "239.1.2.3", port: 5_000, ttl: 2, text: "Schichtwechsel" }],
    },
  ]);
  // Half past two in Tokyo is half past five in the afternoon in UTC, all the year.
  const [dayMs, ofDayMs] = [86_400_000, 17.5 * 3_600_000];
  const nextMs = Math.floor((plane.clock.nowMs - ofDayMs) / dayMs) * dayMs + dayMs + ofDayMs;
  const shown = await page();
  for (const day of [0, 1, 2]) expect(shown).toContain(`datetime="${new Date(nextMs + day * dayMs).toISOString()}"`);
  const filled = await page(`${here}?change=bells`);
  const values = Object.fromEntries(
    [...filled.matchAll(/<input[^>]* name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]),
  );
  expect(values).toMatchObject({ name: "bells", cron: "30 2 * * *", action1To: "239.1.2.3:5000" });
  expect((await operator.request(`${here}?change=nothing`)).status).toBe(404);
  const changed = await send({ ...bells, keptDays: "30", step: "check" });
  expect(await changed.text()).toContain("what it sends from now on stays in the log for 30 days");

  expect(await (await send({ name: "bells", step: "check" }, "/removal")).text()).toContain("trigger bells is gone");
  expect(await triggers()).toHaveLength(1);
  expect((await send({ name: "bells" }, "/removal")).status).toBe(303);
  expect(await triggers()).toEqual([]);
});

it("what cannot be is told beside what was typed; a change made in between is not overwritten", async () => {
  const wrong = await send({ ...bells, cron: "every day", action1To: "10.0.0.1:5000" });
  expect([wrong.status, await wrong.text()]).toEqual([
    400,
    expect.stringMatching(
      /Source cron: must have five fields[^<]*actions 1 address: must be an IPv4 multicast address[\s\S]*value="every day"/,
    ),
  ]);
  const never = await send({ ...bells, cron: "0 0 31 2 *", step: "check" });
  expect(await never.text()).toContain("The schedule 0 0 31 2 * never comes.");
  const late = await send({ ...bells, version: "1" });
  expect([late.status, await late.text()]).toEqual([400, expect.stringContaining("the change was made for version 1")]);
  expect(await triggers()).toEqual([]);
});

it("what came of it: the runs that nodes report, what they have told, and whether there is a token, which nobody is shown", async () => {
  const { dependencies } = plane;
  const [one, two] = [await enrolled(plane, clusterId, "alpha", 7_001), await enrolled(plane, clusterId, "beta", 7_011)];
  const door = { ...bells, name: "door", source: "webhook" };
  expect((await send(door)).status).toBe(303);
  expect(await page()).toContain("no token was made yet");
  const { token } = await createTriggerToken(dependencies, { clusterId, trigger: "door" });
  const version = (await dependencies.stores.clusters.find(clusterId))?.document.version ?? 0;
  const run = { trigger: "door", outcome: "done", servers: ["gone"], repeats: 0 };
  const runs = {
    [one.nodeId]: [{ ...run, occurrence: "door/aa", dueMs: Date.UTC(2026, 10, 22, 9), outcome: "begun" }],
    [two.nodeId]: [
      { ...run, occurrence: "door/bb", dueMs: Date.UTC(2026, 10, 22, 10), outcome: "failed", servers: ["beta"] },
      { ...run, occurrence: "door/aa", dueMs: Date.UTC(2026, 10, 22, 9), servers: ["gone", "beta"], repeats: 1 },
    ],
  };
  for (const [index, { nodeId }] of [one, two].entries()) {
    const report = reportOf(clusterId, nodeId, version, plane.clock.nowMs + 1_000 * (index + 1));
    await recordReport(dependencies, { clusterId, nodeId }, { ...report, triggerRuns: runs[nodeId] });
  }
  await recordEvent(dependencies, {
    eventId: `${clusterId}/triggers/door/bb/trigger.failed` as EventId,
    clusterId,
    reporter: two.nodeId,
    at: new Date(plane.clock.nowMs).toISOString(),
    severity: "critical",
    detail: { kind: "trigger.failed", group: "default" as GroupName, trigger: "door", occurrence: "door/bb", reason: "nobody answers" },
  });
  const html = await page(here, viewer);
  expect(html).toMatch(/door\/bb[\s\S]*Failed[\s\S]*by beta<[\s\S]*door\/aa[\s\S]*Done[\s\S]*by gone, beta, 1 repeat under the same id/);
  expect(html).toMatch(/What the nodes have told[\s\S]*could not do all that it shall \(door\/bb\), by beta: nobody answers/);
  const source = (await triggers())[0]?.source;
  const digest = source?.kind === "webhook" ? (source.tokenSha256 ?? "") : "";
  expect(digest).toHaveLength(64);
  expect(html).toContain("a token was made");
  for (const visitor of [viewer, operator]) {
    const shown = (await page(here, visitor)) + (await page(`${here}?change=door`, visitor));
    expect([shown.includes(token), shown.includes(digest)]).toEqual([false, false]);
  }
  expect(html.match(/<form/g), "a viewer may log out, and nothing else").toHaveLength(1);
  const csrf = csrfIn(html);
  expect((await viewer.post(`${here}/removal`, { csrf, name: "door", version: String(version), step: "change" })).status).toBe(403);
});
