import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { NodeId } from "../../../shared/domain/ids.ts";
import { type ClusterEvent, severityOf } from "../../../shared/domain/monitoring/cluster-event.ts";
import { SeededRandom } from "../../../shared/domain/seeded-random.ts";
import type { Alert } from "../../../shared/protocol/alert-schema.ts";
import { takeoverEvent } from "../control-plane.ts";
import { AlertChain } from "./alert-chain.ts";

const hourMs = 3_600_000;
let chain: AlertChain;
let epoch = 0;
let alertsBefore = 0;
beforeAll(async () => {
  chain = await AlertChain.open(8);
});
afterAll(() => chain[Symbol.asyncDispose]());

/** Alerts that have come since the last call, once there are so many. */
async function fresh(count: number): Promise<readonly Alert[]> {
  const all = await chain.received(alertsBefore + count);
  const own = all.slice(alertsBefore);
  alertsBefore = all.length;
  return own;
}

const at = (afterMs = 0) => new Date(chain.plane.clock.nowMs + afterMs).toISOString();
const nodeAt = (index: number): NodeId =>
  chain.nodes[index] ??
  (() => {
    throw new RangeError(`there is no node ${index}`);
  })();
const words = (alerts: readonly Alert[]) => alerts.map(({ kind, incident }) => `${incident?.phase} ${kind}`);

/** What the nodes of a site report when its first one dies: each of the others its silence, one of them the takeover. */
function failover(): { readonly lost: readonly ClusterEvent[]; readonly back: readonly ClusterEvent[] } {
  epoch += 1;
  const [dead, heir] = [nodeAt(0), nodeAt(1)];
  const about = (reporter: NodeId, kind: "node.silent" | "node.returned"): ClusterEvent => {
    const detail =
      kind === "node.silent"
        ? ({ kind, node: dead, silentMs: 600, cause: "heartbeats-missed" } as const)
        : ({ kind, node: dead, awayMs: 60_000 } as const);
    const eventId = `${chain.clusterId}/${reporter}/${epoch}/${kind}` as ClusterEvent["eventId"];
    return {
      eventId,
      clusterId: chain.clusterId,
      reporter,
      at: at(kind === "node.silent" ? 0 : 60_000),
      severity: severityOf[kind],
      detail,
    };
  };
  const peers = chain.nodes.slice(1);
  return {
    lost: [...peers.map((peer) => about(peer, "node.silent")), { ...takeoverEvent(chain.clusterId, heir, dead, epoch), at: at(300) }],
    back: peers.map((peer) => about(peer, "node.returned")),
  };
}

function shuffledTenTimes(events: readonly ClusterEvent[], seed: number): readonly ClusterEvent[] {
  const random = new SeededRandom(seed);
  const many = Array.from({ length: 10 }, () => events).flat();
  return many
    .map((event) => ({ event, place: random.fraction() }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ event }) => event);
}

describe("a failover of a site of eight nodes, and its end", () => {
  it.each([[1]])("every event ten times, shuffled (seed %i): one alert that it began, one that it is over", async (seed) => {
    chain.plane.clock.nowMs += hourMs;
    const { lost, back } = failover();
    await chain.deliver(...shuffledTenTimes(lost, seed));
    await chain.pass(60_000);
    await chain.deliver(...shuffledTenTimes(back, seed));
    await chain.pass(60_000);
    const alerts = await fresh(2);
    expect(words(alerts)).toEqual(["opened group.takeover", "closed group.takeover"]);
    expect(alerts[0]?.incident?.facts).toHaveLength(1);
    expect(new Set(alerts.map(({ incident }) => incident?.number)).size).toBe(1);
  });

  it("SNS is away for ten minutes: nothing is lost, nothing comes twice, and the order is kept", async () => {
    chain.plane.clock.nowMs += hourMs;
    await chain.endSns();
    const { lost, back } = failover();
    await chain.deliver(...lost);
    await chain.pass(300_000, 15_000);
    await chain.deliver(...back);
    await chain.pass(300_000, 15_000);
    await chain.startSns();
    await chain.pass(600_000, 30_000);
    expect(words(await fresh(2))).toEqual(["opened group.takeover", "closed group.takeover"]);
  });
});

function nextTakeover(): ClusterEvent {
  epoch += 1;
  return { ...takeoverEvent(chain.clusterId, nodeAt(1), nodeAt(0), epoch), at: at() };
}

describe("killed between any two steps", () => {
  it.each(["before", "after"] as const)("%s each step in turn, from the message to its mark: one alert for each failover", async (when) => {
    const killed: string[] = [];
    for (let step = 1; ; step += 1) {
      chain.plane.clock.nowMs += hourMs;
      chain.killing(step, when);
      await chain.deliver(nextTakeover());
      if (chain.killed === null) break;
      await chain.pass(5_000);
      killed.push(chain.killed);
      // Published, and killed before that was noted: the one way to be told twice, with the id that says so.
      const isRepeated = chain.killed === "after notifier.publish" || chain.killed === "before outgoingAlerts.markSent";
      const alerts = await fresh(isRepeated ? 2 : 1);
      expect(words(alerts), chain.killed).toEqual(alerts.map(() => "opened group.takeover"));
      expect(new Set(alerts.map(({ alertId }) => alertId)).size, chain.killed).toBe(1);
      expect(alerts.length, chain.killed).toBe(isRepeated ? 2 : 1);
    }
    chain.sparing();
    await fresh(1);
    for (const step of [
      "alertInbox.add",
      "events.add",
      "messenger.publishReceipt",
      "incidents.save",
      "alertInbox.markTaken",
      "outgoingAlerts.add",
      "notifier.publish",
    ]) {
      expect(killed).toContain(`${when} ${step}`);
    }
  });
});

describe("the site is cut off", () => {
  let sequence = 1_000_000;

  async function presence(connected: boolean, spreadMs: number): Promise<void> {
    for (const nodeId of chain.nodes) {
      chain.plane.clock.nowMs += spreadMs;
      sequence += 10;
      await chain.presence(nodeId, connected, sequence);
    }
  }

  it("all nodes lose the cloud, and fail over meanwhile: one alert of the site, one that tells the failover, one that it is over", async () => {
    chain.plane.clock.nowMs += hourMs;
    await presence(true, 100);
    await presence(false, 5_000);
    const { lost, back } = failover();
    await chain.pass(300_000, 10_000);
    expect(words(await fresh(1))).toEqual(["opened site.silent"]);
    await presence(true, 100);
    await chain.deliver(...shuffledTenTimes([...lost, ...back], 3));
    await chain.pass(120_000, 10_000);
    const alerts = await fresh(1);
    expect(words(alerts)).toEqual(["closed group.takeover"]);
    expect(alerts[0]?.incident?.facts.map(({ kind, isOver }) => [kind, isOver])).toEqual([
      ["site.silent", true],
      ["group.takeover", false],
    ]);
  });

  it("killed at steps all over the watch: still one alert, and one when it is over", async () => {
    const killed: string[] = [];
    for (let step = 1; ; step += 11) {
      chain.plane.clock.nowMs += hourMs;
      await presence(false, 100);
      chain.plane.clock.nowMs += 100_000;
      chain.killing(step, "after");
      await chain.pass(20_000, 20_000);
      const isKilled = chain.killed !== null;
      killed.push(chain.killed ?? "");
      await chain.pass(20_000, 20_000);
      await presence(true, 100);
      await chain.pass(20_000, 20_000);
      const repeated = ["after notifier.publish"].includes(killed.at(-1) ?? "") ? 1 : 0;
      const alerts = await fresh(2 + repeated);
      expect(new Set(words(alerts)), killed.at(-1)).toEqual(new Set(["opened site.silent", "closed site.silent"]));
      expect(new Set(alerts.map(({ alertId }) => alertId)).size).toBe(2);
      if (!isKilled) break;
    }
    chain.sparing();
    expect(killed.length).toBeGreaterThan(4);
  });
});
