import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Dependencies } from "../../../functions/dependencies.ts";
import { summariesHandler } from "../../../functions/summaries/handler.ts";
import { changeWhenAlone } from "../../../functions/use-cases/change-when-alone.ts";
import { declareDevices } from "../../../functions/use-cases/declare-devices.ts";
import { dispatchAlerts } from "../../../functions/use-cases/dispatch-alerts.ts";
import { recordEvents } from "../../../functions/use-cases/record-events.ts";
import { recordPresence } from "../../../functions/use-cases/record-presence.ts";
import { recordReport } from "../../../functions/use-cases/record-report.ts";
import { refreshSummary } from "../../../functions/use-cases/refresh-summary.ts";
import { completeSummaries } from "../../../functions/use-cases/sweep-summaries.ts";
import { watchPresence } from "../../../functions/use-cases/watch-presence.ts";
import type { ClusterId, NodeId } from "../../../shared/domain/ids.ts";
import { noDevices } from "../../../shared/domain/licensing/device-counts.ts";
import { SeededRandom } from "../../../shared/domain/seeded-random.ts";
import { type ControlPlane, enrolled, newCluster, reportOf, startControlPlane, takeoverEvent } from "../control-plane.ts";

let plane: ControlPlane;
beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(() => plane.close());

interface Site {
  readonly clusterId: ClusterId;
  readonly nodeIds: readonly NodeId[];
}

let ports = 20_000;
async function site(): Promise<Site> {
  const clusterId = await newCluster(plane, 3);
  const nodeIds: NodeId[] = [];
  for (const name of ["node-a", "node-b"]) nodeIds.push((await enrolled(plane, clusterId, name, (ports += 10))).nodeId);
  for (const nodeId of nodeIds) await connect({ clusterId, nodeIds }, nodeId, true);
  return { clusterId, nodeIds };
}

let sequence = 0;
const connect = ({ clusterId }: Site, nodeId: NodeId, connected: boolean, dependencies = plane.dependencies) =>
  recordPresence(dependencies, { clusterId, nodeId }, { connected, sequence: (sequence += 1) });

async function summaryOf(clusterId: ClusterId) {
  const stored = await plane.dependencies.stores.summaries.find(clusterId);
  if (stored === undefined) throw new Error(`${clusterId} has no summary`);
  return stored;
}

/** What it would be if it were made now. */
async function isTrue(clusterId: ClusterId): Promise<void> {
  const { summary, version } = await summaryOf(clusterId);
  await refreshSummary(plane.dependencies, clusterId);
  const again = await summaryOf(clusterId);
  expect(again.summary).toEqual(summary);
  expect(again.version).toBe(version);
}

async function reported({ clusterId, nodeIds }: Site, index: number, holder: number | null, more: object = {}): Promise<object> {
  const nodeId = nodeIds[index] ?? nodeIds[0];
  if (nodeId === undefined) throw new Error("the site has no node");
  const { document } = (await plane.dependencies.stores.clusters.find(clusterId)) ?? {};
  const state = index === holder ? "operational" : "standby";
  const report = reportOf(clusterId, nodeId, document?.version ?? 1, (plane.clock.nowMs += 1_000));
  const peers = nodeIds.filter((one) => one !== nodeId).map((one) => ({ nodeId: one, reachable: true, lastHeardMs: 40 }));
  const groups = [{ name: "default", state, epoch: 1, holder: holder === null ? null : (nodeIds[holder] ?? null) }];
  return { ...report, peers, groups, ...more };
}

async function report(at: Site, index: number, holder: number | null, more: object = {}): Promise<void> {
  const nodeId = at.nodeIds[index];
  if (nodeId === undefined) throw new Error("the site has no such node");
  await recordReport(plane.dependencies, { clusterId: at.clusterId, nodeId }, await reported(at, index, holder, more));
}

describe("a cluster's summary", () => {
  it("is there from the cluster's first moment, and follows its document, its nodes' words and their presence", async () => {
    const clusterId = await newCluster(plane, 0);
    expect((await summaryOf(clusterId)).summary).toMatchObject({
      status: { health: "empty", name: "front desk" },
      licence: { state: "none" },
    });
    const at = await site();
    expect((await summaryOf(at.clusterId)).summary.status).toMatchObject({
      health: "down",
      reason: "no node is operational for group default",
    });
    await report(at, 0, 0);
    await report(at, 1, 0);
    expect((await summaryOf(at.clusterId)).summary.status).toMatchObject({
      operational: ["node-a"],
      nodes: [{ isUp: true }, { isUp: true }],
    });
    const [, second] = at.nodeIds;
    if (second === undefined) throw new Error("there is no second node");
    await report(at, 0, 0, { peers: [{ nodeId: second, reachable: false, lastHeardMs: 9_000 }] });
    await connect(at, second, false);
    const { summary } = await summaryOf(at.clusterId);
    expect(summary.status).toMatchObject({ health: "degraded", nodes: [{ isUp: true }, { isUp: false, condition: "down" }] });
    expect(summary.status.reason).toContain("node-b is down");
    await isTrue(at.clusterId);
  });

  it("follows licences and incidents, and says what nobody has acknowledged", async () => {
    const at = await site();
    await declareDevices(plane.dependencies, at.clusterId, { ...noDevices, ipStations: 40 });
    expect((await summaryOf(at.clusterId)).summary.licence).toMatchObject({
      state: "valid",
      usage: "over",
      nodes: { used: 2, licensed: 3 },
    });
    const [first, second] = at.nodeIds;
    if (first === undefined || second === undefined) throw new Error("a node is missing");
    const event = { ...takeoverEvent(at.clusterId, second, first, 2), at: new Date(plane.clock.nowMs).toISOString() };
    await recordEvents(plane.dependencies, { clusterId: at.clusterId, nodeId: second }, { events: [event] });
    while ((await dispatchAlerts(plane.dependencies)).more);
    expect((await summaryOf(at.clusterId)).summary.incidents.unacknowledged).toBeGreaterThan(0);
    await isTrue(at.clusterId);
  });

  it("a silence that is told by the control plane is summed up", async () => {
    const at = await site();
    const before = await summaryOf(at.clusterId);
    for (const nodeId of at.nodeIds) await connect(at, nodeId, false);
    plane.clock.nowMs += 120_000;
    await watchPresence(plane.dependencies);
    const { summary } = await summaryOf(at.clusterId);
    expect([before.summary.status.health, summary.status.health]).toEqual(["down", "unknown"]);
    await isTrue(at.clusterId);
  });

  it("reports that say nothing new about how the cluster is cost no change, nor a look at the rest", async () => {
    const at = await site();
    await report(at, 0, 0, { dataSets: [dataSet(4)] });
    const before = await summaryOf(at.clusterId);
    using looked = vi.spyOn(plane.dependencies.stores.summaries, "find");
    await report(at, 0, 0, { dataSets: [dataSet(5)] });
    expect(looked).not.toHaveBeenCalled();
    await report(at, 0, 0, { dataSets: [dataSet(5, "the disk is full")] });
    expect(looked).toHaveBeenCalledOnce();
    const after = await summaryOf(at.clusterId);
    expect(after.version).toBe(before.version + 1);
    await isTrue(at.clusterId);
  });

  it.each([1, 2])(
    "seed %i: many changes at once, some of whose writers are slow: in the end it is what it would be if it were made anew",
    async (seed) => {
      const random = new SeededRandom(seed);
      const at = await site();
      const dependencies = slowed(plane.dependencies, random);
      const [first, second] = at.nodeIds;
      if (first === undefined || second === undefined) throw new Error("a node is missing");
      await Promise.all(
        Array.from({ length: 12 }, async (_, step) => {
          const nodeId = random.fraction() < 0.5 ? first : second;
          switch (step % 4) {
            case 0:
              return connect(at, nodeId, random.fraction() < 0.5, dependencies);
            case 1:
              return recordReport(
                dependencies,
                { clusterId: at.clusterId, nodeId },
                await reported(at, at.nodeIds.indexOf(nodeId), random.fraction() < 0.5 ? 0 : 1),
              );
            case 2:
              return declareDevices(dependencies, at.clusterId, { ...noDevices, ipStations: step });
            default:
              return changeWhenAlone(dependencies, at.clusterId, random.fraction() < 0.5 ? "stop" : "survivor");
          }
        }),
      );
      await isTrue(at.clusterId);
    },
  );

  it("a writer that was held up for long is seen with the next look that goes back so far; an even later one with the next that reads all", async () => {
    const { stores } = plane.dependencies;
    const seen = async (id: ClusterId) => (await stores.summaries.list()).find(({ clusterId }) => clusterId === id)?.status.reason;
    const saveLate = async (id: ClusterId, lateMs: number) => {
      const { summary, version } = await summaryOf(id);
      const changedAt = new Date(plane.clock.nowMs - lateMs).toISOString();
      await stores.summaries.save({
        summary: { ...summary, changedAt, status: { ...summary.status, reason: "late" } },
        version: version + 1,
      });
    };
    const [late, later] = [await newCluster(plane, 0), await newCluster(plane, 0)];
    expect(await seen(late)).toBe("no node has joined yet");
    plane.clock.nowMs += 1_000;
    await saveLate(late, 50_000);
    await saveLate(later, 120_000);
    expect(await seen(late)).toBe("no node has joined yet");
    plane.clock.nowMs += 30_000;
    expect([await seen(late), await seen(later)]).toEqual(["late", "no node has joined yet"]);
    plane.clock.nowMs += 15 * 60_000;
    expect(await seen(later)).toBe("late");
  });

  it("the process died before the change was summed up: the next sweep mends it", async () => {
    const at = await site();
    const [first] = at.nodeIds;
    if (first === undefined) throw new Error("there is no node");
    const { presence } = plane.dependencies.stores;
    await presence.put({
      clusterId: at.clusterId,
      nodeId: first,
      connected: false,
      sequence: (sequence += 1),
      since: new Date(plane.clock.nowMs).toISOString(),
    });
    const stale = await summaryOf(at.clusterId);
    await summariesHandler(plane.dependencies)();
    const mended = await summaryOf(at.clusterId);
    expect(mended.version).toBe(stale.version + 1);
    await isTrue(at.clusterId);
  });

  it("one cluster cannot be read at the start after an upgrade: the others are summed up, it is logged, and the next start tries again", async () => {
    const [broken, sound] = [await newCluster(plane, 0), await newCluster(plane, 0)];
    const { stores } = plane.dependencies;
    const logged: object[] = [];
    const log = { ...plane.dependencies.log, error: (facts: object) => void logged.push(facts) };
    const list = stores.reports.listOfCluster.bind(stores.reports);
    using unreadable = vi.spyOn(stores.reports, "listOfCluster");
    unreadable.mockImplementation(async (id) => {
      if (id === broken) throw new Error("this item cannot be read");
      return list(id);
    });
    await completeSummaries({ ...plane.dependencies, log });
    unreadable.mockRestore();
    expect(logged).toMatchObject([{ clusterId: broken }]);
    expect(await stores.summaries.completeForm()).toBe(0);
    await completeSummaries(plane.dependencies);
    expect(await stores.summaries.completeForm()).toBe(1);
    await isTrue(broken);
    await isTrue(sound);
  });
});

const dataSet = (changes: number, problem?: string) => ({
  name: "crm",
  phase: "following",
  vector: {},
  unacknowledged: { changes, oldestAgeMs: changes * 10 },
  behind: changes,
  ...(problem === undefined ? {} : { problem }),
});

/** Between its reads and its write each writer waits for a while: so the last to read is seldom the last to write. */
function slowed(dependencies: Dependencies, random: SeededRandom): Dependencies {
  const { summaries } = dependencies.stores;
  const slow = Object.create(summaries) as typeof summaries;
  slow.find = (clusterId) => summaries.find(clusterId);
  slow.save = async (next) => {
    const turns = Math.floor(random.fraction() * 30);
    for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
    return summaries.save(next);
  };
  return { ...dependencies, stores: { ...dependencies.stores, summaries: slow } };
}
