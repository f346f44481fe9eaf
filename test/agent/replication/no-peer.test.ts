import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OwnCertificates } from "../../../agent/link/own-certificates.ts";
import { PeerNetwork } from "../../../agent/replication/peer-network.ts";
import { Replica } from "../../../agent/replication/replica.ts";
import { RingSync } from "../../../agent/replication/ring-sync.ts";
import { failoverSettings } from "../../../shared/config/timing.ts";
import type { ClusterDocument } from "../../../shared/domain/membership/cluster-document.ts";
import type { EventDetail } from "../../../shared/domain/monitoring/cluster-event.ts";
import { LoopbackCluster } from "./loopback-cluster.ts";

beforeEach(() => vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] }));
afterEach(() => vi.useRealTimers());

/** A node's ring, whose peers have addresses at which nobody listens: their agents do not run. */
class LoneRing implements AsyncDisposable {
  readonly events: EventDetail[] = [];
  document: ClusterDocument;
  readonly #cluster: LoopbackCluster;
  readonly ring: RingSync;

  private constructor(cluster: LoopbackCluster) {
    this.#cluster = cluster;
    this.document = { ...cluster.document, nodes: cluster.document.nodes.slice(0, 1) };
    const { nodeId, identity } = cluster.node(0);
    const document = () => this.document;
    const replica = new Replica(join(tmpdir(), "never-opened"), {
      clusterId: this.document.clusterId,
      dataSet: "application",
      nodeId,
      local: [],
    });
    this.ring = new RingSync({
      nodeId,
      network: new PeerNetwork({
        nodeId,
        own: new OwnCertificates([identity]),
        document,
        onStream: () => undefined,
        onTurnedAway: () => undefined,
      }),
      document,
      replicas: () => [replica],
      dataDir: tmpdir(),
      onEvent: (detail) => this.events.push(detail),
      onUncovered: () => undefined,
      onWarning: () => undefined,
      onStatusChanged: () => undefined,
    });
  }

  static async make(): Promise<LoneRing> {
    return new LoneRing(await LoopbackCluster.make(2));
  }

  enrolSecond(): void {
    this.document = this.#cluster.document;
    this.ring.documentChanged();
  }

  /** Time goes by in steps, with room for the refusals of the operating system in between. */
  async wait(ms: number): Promise<void> {
    for (let waited = 0; waited < ms; waited += 100) {
      vi.advanceTimersByTime(100);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.ring.close();
    await this.#cluster[Symbol.asyncDispose]();
  }
}

test("no peer: a cluster with one member never says so, however long it runs", async () => {
  await using lone = await LoneRing.make();
  await lone.wait(failoverSettings.startPatienceMs * 3);
  expect(lone.events).toEqual([]);
});

test("no peer: a second node has been enrolled, and its agent does not run yet; said after the patience of a start, not before, and once", async () => {
  await using lone = await LoneRing.make();
  await lone.wait(failoverSettings.startPatienceMs * 2);
  lone.enrolSecond();
  await lone.wait(failoverSettings.startPatienceMs - 1_000);
  expect(lone.events).toEqual([]);
  await lone.wait(4_000);
  expect(lone.events).toMatchObject([
    { kind: "replication.no-peer", dataSet: "application", reason: expect.stringContaining("ECONNREFUSED") },
  ]);
  await lone.wait(failoverSettings.startPatienceMs);
  expect(lone.events).toHaveLength(1);
});
