import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import { ArrivingSnapshot } from "./arriving-snapshot.ts";
import { hasSource, noSource } from "./owned-file.ts";
import type { PeerNetwork } from "./peer-network.ts";
import type { PeerStream } from "./peer-stream.ts";
import type { Replica } from "./replica.ts";
import { SendRate } from "./send-rate.ts";
import { SnapshotDonor } from "./snapshot-donor.ts";
import { arrivingPath, type JoinOptions, joinFromPeers } from "./snapshot-joiner.ts";
import { SnapshotShelf } from "./snapshot-shelf.ts";

const joinRetryMs = 500;
/** Longer than until the next attempt to have a fresh copy. */
const leftOfResyncMs = 60_000;

export interface SnapshotDeskOptions {
  readonly nodeId: NodeId;
  readonly network: PeerNetwork;
  readonly document: () => ClusterDocument;
  readonly replica: (dataSet: string) => Replica | undefined;
  readonly dataDir: string;
  /** What this node may send of snapshots. */
  readonly megabitsPerSecondMax: number | undefined;
  readonly onEvent: (detail: EventDetail) => void;
  readonly onProgress: () => void;
}

/** Everything about snapshots: gives them to other nodes, and takes one where this node needs the data. */
export class SnapshotDesk {
  readonly #options: SnapshotDeskOptions;
  readonly #shelf: SnapshotShelf;
  readonly #rate: SendRate;
  readonly #joining = new Set<Replica>();
  readonly #notBeforeMs = new WeakMap<Replica, number>();
  /** Of each replica, the opening for which that was done. */
  readonly #tidied = new WeakMap<Replica, number>();
  /** Those that need a fresh copy: why there was none at the last attempt, as it was told, and when that was. */
  readonly #resyncing = new Map<Replica, { readonly problem: string | undefined; readonly atMs: number }>();
  readonly #arriving = new Map<string, ArrivingSnapshot>();
  #closed = false;

  constructor(options: SnapshotDeskOptions) {
    this.#options = options;
    this.#shelf = new SnapshotShelf(options.dataDir);
    this.#rate = new SendRate(options.megabitsPerSecondMax);
  }

  /** A node that joins has opened a stream. */
  give(joiner: NodeId, stream: PeerStream): void {
    const { replica } = this.#options;
    new SnapshotDonor(
      { replica, shelf: this.#shelf, arriving: (dataSet) => this.#arriving.get(dataSet), rate: this.#rate },
      joiner,
      stream,
    ).serve();
  }

  /** Gets the data of a replica that has none, or makes it the source. Does nothing while it is being done, or too soon after the last attempt. Resolves when the attempt is over, with whether there was one. */
  async supply(replica: Replica): Promise<boolean> {
    if (this.#joining.has(replica) || performance.now() < (this.#notBeforeMs.get(replica) ?? 0)) return false;
    await this.#alone(replica, () => this.#join(replica));
    return true;
  }

  /**
   * Gets a fresh copy of a replica that lacks what the others have let go, from one of `donors`; what it alone has is carried over. Until the copy is put in place, and where
   * none is had, its data stay as they are. Does nothing while another attempt is under way. Resolves when this one is over, with whether there was one.
   */
  async resync(replica: Replica, donors: readonly NodeId[]): Promise<boolean> {
    // What a clock in doubt has dated is not carried over under its times: it waits until the clock is right.
    if (this.#joining.has(replica) || !replica.times.canBeCopied) return false;
    replica.seal();
    await this.#alone(replica, () => this.#takeFreshCopy(replica, donors));
    return true;
  }

  async #takeFreshCopy(replica: Replica, donors: readonly NodeId[]): Promise<void> {
    const dataSet = replica.name;
    const { onEvent } = this.#options;
    if (!this.#resyncing.has(replica)) {
      const reason = "this node was away for longer than the others keep their logs";
      onEvent({ kind: "replication.resync-started", dataSet, reason });
    }
    const told = this.#resyncing.get(replica)?.problem;
    this.#resyncing.set(replica, { problem: told, atMs: performance.now() });
    replica.receiving();
    const result = await joinFromPeers(replica, { ...this.#joinOptions(replica), donors });
    if (this.#closed) return;
    if (result === "joined") this.#resyncing.delete(replica);
    else {
      const problem = result === "nobody" ? "no node that has the data gives a copy" : result.waitingFor;
      this.#resyncing.set(replica, { problem, atMs: performance.now() });
      if (problem !== told) onEvent({ kind: "replication.resync-failed", dataSet, reason: problem.slice(0, 1_000) });
    }
    replica.look();
  }

  async #alone(replica: Replica, work: () => Promise<void>): Promise<void> {
    this.#joining.add(replica);
    try {
      await work();
    } catch (error) {
      replica.fail(error);
    } finally {
      this.#joining.delete(replica);
      this.#notBeforeMs.set(replica, performance.now() + joinRetryMs);
    }
  }

  /** Where a replica is in step, whoever has put its file there: what an interrupted join has left is of no use any more. */
  async tidy(replica: Replica): Promise<void> {
    const { following, opening } = replica.view;
    if (!following || this.#tidied.get(replica) === opening || this.#joining.has(replica)) return;
    // What a fresh copy has left that could not be had is taken up by the next attempt.
    if (performance.now() - (this.#resyncing.get(replica)?.atMs ?? Number.NEGATIVE_INFINITY) < leftOfResyncMs) return;
    this.#resyncing.delete(replica);
    this.#tidied.set(replica, opening);
    const left = this.#arriving.get(replica.name);
    this.#arriving.delete(replica.name);
    await left?.close();
    await ArrivingSnapshot.remove(arrivingPath(replica.path));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#arriving.values()].map((arriving) => arriving.close()));
    await this.#shelf.close();
  }

  async #join(replica: Replica): Promise<void> {
    const { nodeId, document } = this.#options;
    const result = await joinFromPeers(replica, this.#joinOptions(replica));
    if (this.#closed) return;
    if (result === "joined") replica.look();
    else if (result !== "nobody") replica.standing.wait(`waiting for the data: ${result.waitingFor}`);
    else if (hasSource(replica, document().nodes[0]?.nodeId === nodeId)) replica.becomeSource();
    else replica.standing.wait(noSource(replica));
  }
  #joinOptions({ name }: Replica): JoinOptions {
    const { nodeId, network, document, onEvent, onProgress } = this.#options;
    return {
      nodeId,
      network,
      document: document(),
      onEvent,
      onProgress,
      left: this.#arriving.get(name),
      onArriving: (arriving) => {
        if (arriving === undefined) this.#arriving.delete(name);
        else this.#arriving.set(name, arriving);
      },
    };
  }
}
