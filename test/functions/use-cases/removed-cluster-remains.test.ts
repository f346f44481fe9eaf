import { afterAll, describe, expect, it } from "vitest";
import { dispatchAlerts } from "../../../functions/use-cases/dispatch-alerts.ts";
import { recordEvents } from "../../../functions/use-cases/record-events.ts";
import { recordPresence } from "../../../functions/use-cases/record-presence.ts";
import { recordReport } from "../../../functions/use-cases/record-report.ts";
import { removeCluster } from "../../../functions/use-cases/remove-cluster.ts";
import { sweepRemovals } from "../../../functions/use-cases/sweep-removals.ts";
import { watchPresence } from "../../../functions/use-cases/watch-presence.ts";
import { limits } from "../../../shared/config/limits.ts";
import type { ClusterId } from "../../../shared/domain/ids.ts";
import { clusterOfTwo, reportOf, startControlPlane, takeoverEvent } from "../control-plane.ts";
import { failingAt, fullCluster, named, nothing, remainsOf } from "./full-cluster.ts";

const plane = await startControlPlane();
const { dependencies } = plane;
afterAll(() => plane.close());

/** How many alerts were published of it. */
function toldOf(clusterId: ClusterId): number {
  return plane.alerts.published.filter(({ body }) => JSON.stringify(body).includes(clusterId)).length;
}

describe("what comes late of a cluster that was removed", () => {
  it("is taken by nobody, holds up nobody else's alerts, and is swept away", async () => {
    const { clusterId, customerId, alpha, beta } = await fullCluster(plane);
    await removeCluster(dependencies, clusterId, named);
    const sender = { clusterId, nodeId: alpha };
    // As from a connection that was let in before.
    await recordEvents(dependencies, sender, { events: [takeoverEvent(clusterId, alpha, beta, 9)] });
    await recordReport(dependencies, sender, reportOf(clusterId, alpha, 3, plane.clock.nowMs));
    await recordPresence(dependencies, sender, { connected: false, sequence: 99 });
    plane.clock.nowMs += 600_000;
    const told = toldOf(clusterId);
    await dispatchAlerts(dependencies);
    await watchPresence(dependencies);
    expect(toldOf(clusterId)).toBe(told);
    const waiting = [
      ...(await dependencies.stores.alertInbox.due(plane.clock.nowMs, 100)),
      ...(await dependencies.stores.presence.toJudge(plane.clock.nowMs, 100)),
    ];
    expect(waiting.filter((one) => one.clusterId === clusterId)).toEqual([]);
    await recordReport(dependencies, sender, reportOf(clusterId, alpha, 3, plane.clock.nowMs));
    await sweepRemovals(dependencies);
    expect(await remainsOf(plane, clusterId, customerId)).toEqual(nothing);
  });

  it("an alert that was on its way is not sent", async () => {
    const { clusterId, alpha, beta } = await clusterOfTwo(plane, 4);
    plane.alerts.failWith = new Error("not now");
    await recordEvents(dependencies, { clusterId, nodeId: alpha }, { events: [takeoverEvent(clusterId, alpha, beta, 1)] });
    await expect(dispatchAlerts(dependencies)).rejects.toThrow("not now");
    plane.alerts.failWith = undefined;
    // Killed before anything of it was deleted.
    await expect(removeCluster(failingAt(plane, "messenger.retire"), clusterId, named)).rejects.toThrow("killed here");
    plane.clock.nowMs += 600_000;
    await dispatchAlerts(dependencies);
    expect(toldOf(clusterId)).toBe(0);
    expect((await dependencies.stores.outgoingAlerts.due(plane.clock.nowMs, 100)).filter((one) => one.clusterId === clusterId)).toEqual([]);
  });

  it("a day later nobody comes by any more, and the note alone is left", async () => {
    await sweepRemovals(dependencies);
    plane.clock.nowMs += limits.removalSettledMs;
    expect((await sweepRemovals(dependencies)).settled).toBeGreaterThan(0);
    expect(await sweepRemovals(dependencies)).toEqual({ settled: 0, failed: 0 });
    expect(await dependencies.stores.removals.unfinishedClusters(10)).toEqual([]);
  });
});
