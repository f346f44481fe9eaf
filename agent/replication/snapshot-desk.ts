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
import { arrivingPath, joinFromPeers } from "./snapshot-joiner.ts";
import { SnapshotShelf } from "./snapshot-shelf.ts";

const joinRetryMs = 500;

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
    this.#joining.add(replica);
    try {
      await this.#join(replica);
    } catch (error) {
      replica.fail(error);
    } finally {
      this.#joining.delete(replica);
      this.#notBeforeMs.set(replica, performance.now() + joinRetryMs);
    }
    return true;
  }

  /** Where a replica is in step, whoever has put its file there: what an interrupted join has left is of no use any more. */
  async tidy(replica: Replica): Promise<void> {
    const { following, opening } = replica.view;
    if (!following || this.#tidied.get(replica) === opening || this.#joining.has(replica)) return;
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
    const { nodeId, network, document, onEvent, onProgress } = this.#options;
    const result = await joinFromPeers(replica, {
      nodeId,
      network,
      document: document(),
      onEvent,
      onProgress,
      left: this.#arriving.get(replica.name),
      onArriving: (arriving) => {
        if (arriving === undefined) this.#arriving.delete(replica.name);
        else this.#arriving.set(replica.name, arriving);
      },
    });
    if (this.#closed) return;
    if (result === "joined") replica.look();
    else if (result !== "nobody") replica.wait(`waiting for the data: ${result.waitingFor}`);
    else if (hasSource(replica, document().nodes[0]?.nodeId === nodeId)) replica.becomeSource();
    else replica.wait(noSource(replica));
  }
}
