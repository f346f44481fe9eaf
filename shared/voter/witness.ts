import type { PeerMessage } from "../domain/failover/messages.ts";
import type { ClusterDocument } from "../domain/membership/cluster-document.ts";

/**
 * A further voter, without data, services and candidacies, wherever it runs: an agent on a machine of its own, or a part of another process. Whoever
 * carries the messages answers for their senders: each comes from the node that it names. What the witness says goes out by a port of its own, and may be lost.
 */
export interface Witness {
  /** One that was sent to this voter by the node in `from`, whenever it arrives and however often. */
  take(message: PeerMessage): void;
  /** A document whose signature was checked. One that is older than the present one changes nothing. */
  documentChanged(document: ClusterDocument): void;
  /** Says nothing more from now on; its promises run out by themselves. Resolves when its store is at rest. */
  close(): Promise<void>;
}
