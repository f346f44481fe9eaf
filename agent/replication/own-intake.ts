import { ownIntake } from "../../shared/config/replication.ts";
import type { LoggedChange } from "./change-log.ts";
import type { FilePosition } from "./file-position.ts";
import type { OwnDating } from "./own-times.ts";
import { type Applied, applyChanges } from "./sqlite-apply.ts";
import type { Capture } from "./sqlite-capture.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";
import { OwnWritesOwed } from "./sqlite-problem.ts";

/**
 * Paces how a replica takes this node's own writes into account (own-slice.ts). After each slice that is not the last the file is left to its application for as long as the
 * slice had it: whoever waits for the lock, looking every now and then, finds it free.
 */
export class OwnIntake {
  #notBeforeMs = 0;

  /** As `applyChanges`, with one slice of own writes at most. Throws `OwnWritesOwed`, and does nothing, before its turn has come. */
  apply(database: SqliteDatabase, capture: Capture, changes: Iterable<LoggedChange>, dating: OwnDating | undefined): Applied {
    const beganMs = performance.now();
    if (beganMs < this.#notBeforeMs) throw new OwnWritesOwed("it is left to its application for a moment");
    const applied = applyChanges(database, capture, changes, { dating, entriesMax: ownIntake.entriesMax });
    const endedMs = performance.now();
    this.#notBeforeMs = applied.owed === 0 ? 0 : endedMs + Math.max(ownIntake.pauseMsMin, endedMs - beganMs);
    return applied;
  }

  /** Throws `OwnWritesOwed` where any are owed. */
  complete(applied: Applied): Applied {
    if (applied.owed === 0) return applied;
    throw new OwnWritesOwed(
      `${applied.owed} changes of this node's own are still to be taken into account; those of other nodes wait for that, and come by themselves`,
    );
  }
}

/** So many of this node's own writes are waiting that they are taken in before anybody asks for it. */
export function isBehind({ logEnd, absorbed }: FilePosition): boolean {
  return logEnd - absorbed > ownIntake.entriesMax;
}
