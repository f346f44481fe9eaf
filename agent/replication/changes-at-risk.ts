import { wallMsOf } from "../../shared/domain/replication/hybrid-clock.ts";
import type { DataSetStatus, VersionVector } from "../../shared/domain/replication/replication-status.ts";
import { seqIn } from "../../shared/domain/replication/version-vector.ts";
import { oldestOwnAfter } from "./change-log.ts";
import type { FilePosition } from "./file-position.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";

/**
 * How many of this node's own changes no other node has, and how old the oldest is. Remembers its place in the log, so that a look is cheap.
 * Where the file cannot be read, since it is locked or worse, the age of an earlier oldest is told; the next look at the file says what is wrong.
 */
export class ChangesAtRisk {
  #oldest: { readonly after: number; readonly hlc: number; readonly n: number } | undefined;

  measure(
    database: SqliteDatabase | undefined,
    { origin: own, vector }: FilePosition,
    others: readonly VersionVector[],
  ): DataSetStatus["unacknowledged"] {
    if (own === null || others.length === 0) return { changes: 0, oldestAgeMs: 0 };
    const acknowledged = Math.max(...others.map((other) => seqIn(other, own)));
    const changes = Math.max(0, seqIn(vector, own) - acknowledged);
    if (changes === 0 || database === undefined) return { changes, oldestAgeMs: 0 };
    if (this.#oldest?.after !== acknowledged) {
      try {
        const found = oldestOwnAfter(database, acknowledged, this.#oldest?.n ?? 0);
        this.#oldest = found === undefined ? undefined : { after: acknowledged, hlc: found.hlc, n: found.n - 1 };
      } catch {
        // The count above needs no file, and is what matters most.
      }
    }
    return { changes, oldestAgeMs: this.#oldest === undefined ? 0 : Math.max(0, Date.now() - wallMsOf(this.#oldest.hlc)) };
  }

  forget(): void {
    this.#oldest = undefined;
  }
}
