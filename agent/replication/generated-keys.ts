import { quoted, type SqliteDatabase } from "./sqlite-database.ts";
import type { TableForm } from "./table-form.ts";

/** Room that each node of a cluster gets per jump; eight nodes make a million. */
const keysPerNode = 125_000;
const nodesMax = 8;

/**
 * Moves the next generated key of every AUTOINCREMENT table beyond all that a dead node may have given out alone: into this node's
 * own part of the next million. Tables with a plain INTEGER PRIMARY KEY have no such counter; see REPLICATION.md.
 */
export function jumpGeneratedKeys(database: SqliteDatabase, forms: Iterable<TableForm>, position: number): void {
  database.write(() => {
    for (const form of forms) {
      const [key] = form.keyColumns;
      const sql = database.get("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?", form.table)?.["sql"];
      if (key === undefined || !/\bAUTOINCREMENT\b/i.test(String(sql))) continue;
      const highest = Math.max(
        database.number("SELECT seq FROM sqlite_sequence WHERE name = ?", form.table),
        database.number(`SELECT max(${quoted(key.name)}) FROM ${quoted(form.table)}`),
      );
      const round = keysPerNode * nodesMax;
      const next = (Math.floor(highest / round) + 1) * round + position * keysPerNode;
      database.run("DELETE FROM sqlite_sequence WHERE name = ?", form.table);
      database.run("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", form.table, next);
    }
  });
}
