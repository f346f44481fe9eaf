import { ownIntake } from "../../shared/config/replication.ts";
import { afterHolding, noTurn } from "../../shared/domain/replication/application-turn.ts";
import type { LoggedChange } from "./change-log.ts";
import { SeenEnds } from "./commit-points.ts";
import type { FilePosition } from "./file-position.ts";
import type { OwnDating } from "./own-times.ts";
import { type Applied, applyChanges } from "./sqlite-apply.ts";
import type { Capture } from "./sqlite-capture.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";
import { LeftToApplication, OwnWritesOwed } from "./sqlite-problem.ts";

/**
 * Paces how a replica takes writes into account: this node's own by slices (own-slice.ts), those of others by units. In between the file is its application's, where that would hardly
 * ever find it free (application-turn.ts).
 */
export class Intake {
  #turn = noTurn;
  #owed = 0;
  readonly #ends = new SeenEnds();
  /** Of the last transaction: the log's end then, and until when its application has the file if it goes on writing. */
  #last = { logEnd: 0, restsUntilMs: 0 };

  /** A look has found the log's end there: at a commit. */
  saw({ logEnd }: FilePosition): void {
    this.#ends.saw(logEnd);
  }

  /** So many of this node's own writes are waiting that they are taken in before anybody asks for it; not all the time while more of them come. */
  isDue({ logEnd, absorbed }: FilePosition): boolean {
    if (logEnd - absorbed <= ownIntake.entriesMax) return false;
    return logEnd === this.#last.logEnd || performance.now() >= this.#last.restsUntilMs;
  }

  /** As `applyChanges`, with one slice of own writes at most; no changes: only those. Throws `LeftToApplication`, and does nothing, before its turn has come. */
  apply(database: SqliteDatabase, capture: Capture, changes: Iterable<LoggedChange> | undefined, dating: OwnDating | undefined): Applied {
    const beganMs = performance.now();
    if (beganMs < this.#turn.untilMs && (changes !== undefined || this.#owed > 0)) throw new LeftToApplication();
    try {
      const applied = applyChanges(database, capture, changes ?? [], { dating, entriesMax: ownIntake.entriesMax, ends: this.#ends });
      this.#owed = applied.owed;
      this.#ends.noted();
      return applied;
    } finally {
      const endedMs = performance.now();
      this.#turn = afterHolding(this.#turn, { beganMs, endedMs });
      this.#last = { logEnd: this.#ends.logEnd, restsUntilMs: endedMs + ownIntake.rest * (endedMs - beganMs) };
    }
  }

  /** Throws `OwnWritesOwed` where any are owed. */
  complete(applied: Applied): Applied {
    if (applied.owed === 0) return applied;
    throw new OwnWritesOwed(
      `${applied.owed} changes of this node's own are still to be taken into account; those of other nodes wait for that, and come by themselves`,
    );
  }
}
