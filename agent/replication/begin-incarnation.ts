import type { NodeId } from "../../shared/domain/ids.ts";
import { ticksPerMs } from "../../shared/domain/replication/hybrid-clock.ts";
import { nextIncarnation } from "../../shared/domain/replication/origin.ts";
import { joined } from "../../shared/domain/replication/version-vector.ts";
import { originNumber, readHeld, readOrigins, readVector, settleControl, writeHeld } from "./change-log-tables.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";
import { contextIn, contextNumber } from "./write-context.ts";

/**
 * Goes on under a new incarnation of this node, in a file that may have gone back in time: what was written since it was sealed last, and all that is
 * written from now on, counts anew, as `renumbered` (shared/domain/replication/origin.ts) says. What others have under the old numbers comes
 * back from them as if it were another node's. `writtenSinceMs` (wall clock): what this node has written from then on nobody can have had before.
 */
export function beginIncarnation(database: SqliteDatabase, nodeId: NodeId, writtenSinceMs = Number.POSITIVE_INFINITY): void {
  database.write(() => {
    const { origin: old, sealed, seq } = settleControl(database);
    const oldName = readOrigins(database).get(old)?.name;
    if (oldName === undefined) throw new Error(`${database.path} does not know its own origin`);
    const firstNew = "SELECT min(seq) FROM _understudy_log WHERE origin = ? AND seq > ? AND hlc >= ?";
    const isNewFrom = Number.isFinite(writtenSinceMs) ? database.number(firstNew, old, sealed, writtenSinceMs * ticksPerMs) : 0;
    writeHeld(database, joined(readHeld(database), { [oldName]: isNewFrom > 0 ? isNewFrom - 1 : seq }));
    const origin = originNumber(database, nextIncarnation(nodeId, readVector(database), Date.now()));
    const since = "origin = ? AND seq > ?";
    for (const { context, vector } of database.all(
      `SELECT DISTINCT l.context, c.vector FROM _understudy_log AS l JOIN _understudy_context AS c ON c.id = l.context WHERE ${since}`,
      old,
      sealed,
    )) {
      const { vector: before, epoch } = contextIn(String(vector));
      // Under the old name they know no more than what was sealed: what came after that has new numbers, and nobody else may ever have the old ones.
      const known = { vector: { ...before, [oldName]: sealed }, epoch };
      database.run(
        `UPDATE _understudy_log SET context = ? WHERE ${since} AND context = ?`,
        contextNumber(database, known),
        old,
        sealed,
        Number(context),
      );
    }
    for (const table of ["_understudy_log", "_understudy_row_version", "_understudy_column_write"]) {
      database.run(`UPDATE ${table} SET origin = ?, seq = seq - ? WHERE ${since}`, origin, sealed, old, sealed);
    }
    database.run("UPDATE _understudy_origin SET seq = ? WHERE id = ?", sealed, old);
    database.run("UPDATE _understudy_control SET origin = ?, seq = seq - ?, sealed = 0", origin, sealed);
    database.run("UPDATE _understudy_control SET context = ?", contextNumber(database, { vector: readVector(database) }));
  });
}
