import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { type VotersSince, votersSinceOf, votersSinceSeen } from "../../shared/domain/membership/voters-since.ts";

/** The cluster documents on a server's disk, as the agent's trust store keeps them. */
export class HostDocuments {
  /** Set by scenarios: one that comes waits for somebody, while the node goes on under the one before. */
  holdsBack = false;
  #current: ClusterDocument;
  #seen: VotersSince;
  #held: ClusterDocument | null = null;

  constructor(first: ClusterDocument) {
    this.#current = first;
    this.#seen = votersSinceSeen(null, first);
  }

  /** What the core is told. */
  get inForce() {
    return { document: this.#current, votersSinceVersion: votersSinceOf(this.#seen, this.#current) };
  }

  get seen(): VotersSince {
    return this.#seen;
  }

  /** Whether it is in force now. */
  offer(document: ClusterDocument): boolean {
    if (document.version <= this.#current.version) return false;
    this.#seen = votersSinceSeen(this.#seen, document);
    if (!this.holdsBack) {
      this.#current = document;
      return true;
    }
    if (document.version > (this.#held?.version ?? 0)) this.#held = document;
    return false;
  }

  /** Somebody has looked at the one that waits, and wants it. */
  accept(): ClusterDocument {
    const held = this.#held;
    if (held === null) throw new Error("no document waits here");
    this.#held = null;
    this.holdsBack = false;
    return held;
  }

  /** Rule 9: the disk is put back in time. */
  restore(document: ClusterDocument, seen: VotersSince): void {
    this.#current = document;
    this.#seen = seen;
    this.#held = null;
  }
}
