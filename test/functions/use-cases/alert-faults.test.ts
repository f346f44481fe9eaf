import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { acknowledgeIncident } from "../../../functions/use-cases/acknowledge-incident.ts";
import type { NodeId } from "../../../shared/domain/ids.ts";
import { type ClusterEvent, severityOf } from "../../../shared/domain/monitoring/cluster-event.ts";
import { SeededRandom } from "../../../shared/domain/seeded-random.ts";
import type { Alert } from "../../../shared/protocol/alert-schema.ts";
import { takeoverEvent } from "../control-plane.ts";
import { AlertChain } from "./alert-chain.ts";
import { PortFaults } from "./port-faults.ts";

/** So long that nothing of what was before is remembered. */
const laterMs = 25 * 3_600_000;
// Servers and a store on the disk, on a machine that may have other things to do.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const faults = new PortFaults();
/** More than in every run of the tests: ALERT_FAULT_SEEDS=100. */
const seeds = Array.from({ length: Number(process.env["ALERT_FAULT_SEEDS"] ?? 3) }, (_none, index) => index + 1);
let chain: AlertChain;
let epoch = 0;
beforeAll(async () => {
  chain = await AlertChain.open(8, faults);
});
afterEach(() => faults.sparing());
afterAll(() => chain[Symbol.asyncDispose]());

const at = (afterMs = 0) => new Date(chain.plane.clock.nowMs + afterMs).toISOString();
const words = (alerts: readonly Alert[]) => alerts.map(({ kind, incident }) => `${incident?.phase} ${kind}`);

/** Each subscriber of the first level was told these, once, and nothing else; `chief`: what the second level was told. */
async function expectTold(told: readonly string[], chief: readonly string[] = [], about = ""): Promise<readonly Alert[]> {
  const fresh = await chain.subscribers.fresh();
  expect({ noc: words(fresh.noc), onCall: words(fresh.onCall), chief: words(fresh.chief) }, about).toEqual({
    noc: told,
    onCall: told,
    chief,
  });
  return fresh.noc;
}

function nodeAt(index: number): NodeId {
  const node = chain.nodes[index];
  if (node === undefined) throw new RangeError(`there is no node ${index}`);
  return node;
}

function nextTakeover(afterMs = 0): ClusterEvent {
  epoch += 1;
  return { ...takeoverEvent(chain.clusterId, nodeAt(1), nodeAt(0), epoch), at: at(afterMs) };
}

/** What the nodes of a site report when its first one dies: each of the others its silence, one of them the takeover. */
function failover(): { readonly lost: readonly ClusterEvent[]; readonly back: readonly ClusterEvent[] } {
  const dead = nodeAt(0);
  const moved = nextTakeover(300);
  const about = (reporter: NodeId, kind: "node.silent" | "node.returned"): ClusterEvent => {
    const detail =
      kind === "node.silent"
        ? ({ kind, node: dead, silentMs: 600, cause: "heartbeats-missed" } as const)
        : ({ kind, node: dead, awayMs: 60_000 } as const);
    const eventId = `${chain.clusterId}/${reporter}/${epoch}/${kind}` as ClusterEvent["eventId"];
    const afterMs = kind === "node.silent" ? 0 : 60_000;
    return { eventId, clusterId: chain.clusterId, reporter, at: at(afterMs), severity: severityOf[kind], detail };
  };
  const peers = chain.nodes.slice(1);
  return { lost: [...peers.map((peer) => about(peer, "node.silent")), moved], back: peers.map((peer) => about(peer, "node.returned")) };
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
  it("every event ten times, shuffled: one alert that it began, one that it is over", async () => {
    chain.plane.clock.nowMs += laterMs;
    const { lost, back } = failover();
    await chain.deliver(...shuffledTenTimes(lost, 1));
    await chain.pass(60_000);
    await chain.deliver(...shuffledTenTimes(back, 1));
    await chain.pass(60_000);
    const alerts = await expectTold(["opened group.takeover", "closed group.takeover"]);
    expect(alerts[0]?.incident?.facts).toHaveLength(1);
    expect(new Set(alerts.map(({ incident }) => incident?.number)).size).toBe(1);
  });

  it("SNS is away for ten minutes: nothing is lost, nothing comes twice, and the order is kept", async () => {
    chain.plane.clock.nowMs += laterMs;
    await chain.endSns();
    const { lost, back } = failover();
    await chain.deliver(...lost);
    await chain.pass(300_000, 15_000);
    await chain.deliver(...back);
    await chain.pass(300_000, 15_000);
    await chain.startSns();
    await chain.pass(600_000, 30_000);
    await expectTold(["opened group.takeover", "closed group.takeover"]);
  });

  it.each(seeds)(
    "all at once, by chance (seed %i): shuffled repeats, one call in twenty dies, SNS refuses or leaves unanswered one alert in three",
    async (seed) => {
      chain.plane.clock.nowMs += laterMs;
      const { lost, back } = failover();
      faults.striking(new SeededRandom(seed), { killed: 0.05, publishFails: 0.33 });
      await chain.deliver(...shuffledTenTimes(lost, seed).slice(0, 40), ...lost);
      await chain.pass(90_000, 15_000);
      await chain.deliver(...shuffledTenTimes(back, seed).slice(0, 35), ...back);
      await chain.pass(90_000, 15_000);
      expect(faults.struck).toBeGreaterThan(5);
      faults.sparing();
      await chain.pass(600_000, 60_000);
      await expectTold(["opened group.takeover", "closed group.takeover"]);
    },
  );
});

describe("killed between any two steps", () => {
  // After one step is before the next: nothing but the ports remembers.
  it("after each step in turn, from the message to its mark: one alert for each failover", async () => {
    const killed: string[] = [];
    for (let step = 1; ; step += 1) {
      chain.plane.clock.nowMs += laterMs;
      faults.killing(step, "after");
      await chain.deliver(nextTakeover());
      if (faults.killed === null) break;
      await chain.pass(5_000);
      killed.push(faults.killed);
      await expectTold(["opened group.takeover"], [], faults.killed);
    }
    faults.sparing();
    await expectTold(["opened group.takeover"]);
    for (const step of [
      "alertInbox.add",
      "events.add",
      "messenger.publishReceipt",
      "incidents.save",
      "alertInbox.markTaken",
      "outgoingAlerts.add",
      "notifier.publish",
      "outgoingAlerts.markSent",
    ]) {
      expect(killed).toContain(`after ${step}`);
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
    chain.plane.clock.nowMs += laterMs;
    await presence(true, 100);
    await presence(false, 5_000);
    const { lost, back } = failover();
    await chain.pass(300_000, 10_000);
    await expectTold(["opened site.silent"]);
    await presence(true, 100);
    await chain.deliver(...shuffledTenTimes([...lost, ...back], 3));
    await chain.pass(120_000, 10_000);
    const [alert] = await expectTold(["closed group.takeover"]);
    expect(alert?.incident?.facts.map(({ kind, isOver }) => [kind, isOver])).toEqual([
      ["site.silent", true],
      ["group.takeover", false],
    ]);
  });

  it("killed at steps all over the watch: still one alert, and one when it is over", async () => {
    const killed: string[] = [];
    for (let step = 1; ; step += 11) {
      chain.plane.clock.nowMs += laterMs;
      await presence(false, 100);
      chain.plane.clock.nowMs += 100_000;
      faults.killing(step, "after");
      await chain.pass(20_000, 20_000);
      const isKilled = faults.killed !== null;
      killed.push(faults.killed ?? "");
      await chain.pass(20_000, 20_000);
      await presence(true, 100);
      await chain.pass(20_000, 20_000);
      await expectTold(["opened site.silent", "closed site.silent"], [], killed.at(-1));
      if (!isKilled) break;
    }
    faults.sparing();
    expect(killed.length).toBeGreaterThan(4);
  });
});

describe("nobody comes", () => {
  it("a failover whose node stays down, with kills and SNS refusing: after a quarter of an hour the second topic, once", async () => {
    chain.plane.clock.nowMs += laterMs;
    faults.striking(new SeededRandom(7), { killed: 0.02, publishFails: 0.33 });
    await chain.deliver(...failover().lost);
    await chain.pass(1_200_000, 60_000);
    faults.sparing();
    await chain.pass(600_000, 60_000);
    await expectTold(["opened group.takeover"], ["escalated group.takeover"]);
  });

  it("somebody acknowledges it in time: the second topic hears nothing", async () => {
    chain.plane.clock.nowMs += laterMs;
    await chain.deliver(...failover().lost);
    await chain.pass(60_000, 30_000);
    const [alert] = await expectTold(["opened group.takeover"]);
    await acknowledgeIncident(chain.dependencies, chain.clusterId, alert?.incident?.number ?? 0);
    await chain.pass(1_200_000, 60_000);
    await expectTold([]);
  });
});
