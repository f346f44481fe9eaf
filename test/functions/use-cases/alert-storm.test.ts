import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { dispatchAlerts } from "../../../functions/use-cases/dispatch-alerts.ts";
import { recordEvent } from "../../../functions/use-cases/record-events.ts";
import type { ClusterId, NodeId } from "../../../shared/domain/ids.ts";
import type { ClusterEvent } from "../../../shared/domain/monitoring/cluster-event.ts";
import { type ControlPlane, newCluster, startControlPlane, takeoverEvent } from "../control-plane.ts";

vi.setConfig({ testTimeout: 120_000 });

let plane: ControlPlane;
beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(() => plane.close());

const noise = () => randomBytes(45).toString("base64");

/** Takeovers of one group after another, each with the longest course that an agent may tell, of what nothing packs well. */
function takeovers(clusterId: ClusterId, count: number): readonly ClusterEvent[] {
  const [dead, heir] = ["a", "b"].map((letter) => `node_0000000000000000000${letter}`) as [NodeId, NodeId];
  return Array.from({ length: count }, (_none, index): ClusterEvent => {
    const event = takeoverEvent(clusterId, heir, dead, index + 1);
    const times = { probedBeforeMs: 1.234567, probeEndedBeforeMs: 1.234567, upBeforeMs: 1.234567 };
    const addresses = Array.from({ length: 32 }, () => ({ address: noise(), answeredBy: noise(), ...times }));
    const ages = { heardBeforeMs: 600, silentBeforeMs: 500, freeBeforeMs: 400, askedBeforeMs: 300, addressesQuietForMs: 200 };
    const course = { ...ages, paths: [], heardByOthers: [], addresses };
    const at = new Date(plane.clock.nowMs - index).toISOString();
    return { ...event, at, detail: { ...event.detail, course } as ClusterEvent["detail"] };
  });
}

it("a site sends more than an item of the store can hold: all of it is told, and another customer's failover within two sweeps", async () => {
  const [noisy, quiet] = [await newCluster(plane, 2), await newCluster(plane, 2)];
  const storm = takeovers(noisy, 100);
  expect(JSON.stringify(storm).length).toBeGreaterThan(600_000);
  for (const event of storm) await recordEvent(plane.dependencies, event);
  const [other] = takeovers(quiet, 1);
  if (other !== undefined) await recordEvent(plane.dependencies, other);

  await sweep();
  await sweep();
  expect(alertsOf(quiet)).toHaveLength(1);
  const told = () => new Set(alertsOf(noisy).flatMap(({ incident }) => incident?.facts.map(({ at }) => at) ?? []));
  for (let seconds = 0; seconds < 300 && told().size < storm.length; seconds += 5) await sweep(5_000);
  expect(told()).toEqual(new Set(storm.map(({ at }) => at)));
});

const alertsOf = (clusterId: ClusterId) => plane.alerts.published.map(({ body }) => body).filter(({ cluster }) => cluster.id === clusterId);

async function sweep(thenMs = 1_000): Promise<void> {
  let more = true;
  for (let rounds = 0; more; rounds += 1) {
    expect(rounds).toBeLessThan(50);
    ({ more } = await dispatchAlerts(plane.dependencies));
  }
  plane.clock.nowMs += thenMs;
}
