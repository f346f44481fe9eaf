import type { ClusterClock } from "../../shared/domain/replication/clock-state.ts";
import { isAhead, type TimeReference, timeReference } from "../../shared/domain/replication/retiming.ts";
import type { FilePosition } from "./file-position.ts";

/** By which own writes are dated anew, and after which place of the log nobody has heard of them. */
export interface OwnDating {
  readonly reference: TimeReference;
  readonly after: number;
}

/**
 * Whether this node's own writes carry times that may be told. Triggers date them by the machine's clock, whatever that says; what is too far ahead of the clock that the
 * cluster goes by is dated anew (retiming.ts) before any other node hears of it, in the transaction that makes it known to the replica's own merges.
 */
export class OwnTimes {
  /** Null: nobody else's clock is known yet. Undefined: nobody minds, as where a file is looked at by itself. */
  clock: ClusterClock | null | undefined;
  whenSkewed: "inhibit" | "hlc" = "inhibit";
  /** A majority says that the clock is wrong, or nobody can say whose is right. */
  isDoubted = false;
  #endAtOpening = 0;
  /** Up to where the log has been read for others since the file was opened. */
  #toldTo = 0;

  opened({ logEnd }: FilePosition): void {
    this.#endAtOpening = logEnd;
    this.#toldTo = 0;
  }

  /** What was there when the file was opened has numbers now that nobody has heard of. */
  renumbered(): void {
    this.#endAtOpening = 0;
  }

  /** Whether what the agent writes may fix the times of what was written before it. */
  get canDate(): boolean {
    return this.clock !== null;
  }

  /** Nobody takes a copy of what a clock in doubt has dated: there it would be dated otherwise than here. */
  get canBeCopied(): boolean {
    return this.clock !== null && !this.isDoubted;
  }

  /** Of the writes after `absorbed`, which no merge of this replica's has looked at. Undefined where nothing is known to date them by. */
  dating(): OwnDating | undefined {
    const reference = this.#reference();
    return reference === undefined ? undefined : { reference, after: this.#toldTo };
  }

  /** The newest own writes have to be dated anew. An earlier run of the agent may have told of those that were there when the file was opened. */
  need(position: FilePosition): "none" | "dating" | "incarnation" {
    const reference = this.#reference();
    const from = Math.max(position.absorbed, this.#toldTo);
    if (reference === undefined || position.logEnd <= from || !isAhead(position.newestTime, reference)) return "none";
    return from < this.#endAtOpening ? "incarnation" : "dating";
  }

  /** The log is read for a peer up to here. */
  tell(upTo: number): void {
    this.#toldTo = Math.max(this.#toldTo, upTo);
  }

  #reference(): TimeReference | undefined {
    if (this.clock === undefined || this.clock === null) return undefined;
    const { offsetMs, skewMsMax } = this.clock;
    return timeReference(Date.now(), performance.now() + offsetMs, skewMsMax, this.whenSkewed === "hlc");
  }
}
