import { createHash } from "node:crypto";
import type { LocalPart } from "../../shared/domain/replication/local-parts.ts";
import { isReplicatedRow } from "./local-rows.ts";
import type { Replica } from "./replica.ts";
import { encodeRow } from "./row-codec.ts";
import { quoted, SqliteDatabase } from "./sqlite-database.ts";
import { readTableForms, type TableForm } from "./table-form.ts";
import type { TableDigests } from "./thread-messages.ts";

/** All rows of a table in key order, as bytes of the codec: equal rows give equal bytes, whatever the file looks like inside. */
export function* tableRows(database: SqliteDatabase, form: TableForm): Generator<Uint8Array> {
  const columns = form.columns.map(quoted).join(", ");
  const order = form.keyColumns.map(({ name, collation }) => `${quoted(name)} COLLATE ${collation}`).join(", ");
  for (const row of database.rows(`SELECT ${columns} FROM ${quoted(form.table)} WHERE ${isReplicatedRow(form)} ORDER BY ${order}`))
    yield encodeRow(row);
}

const rowsPerSlice = 5_000;

/** Rows and digest of every replicated table, on one read snapshot; lets the event loop breathe between slices of rows. */
export async function digestTables(database: SqliteDatabase, local: readonly LocalPart[]): Promise<TableDigests> {
  const digests: Record<string, { rows: number; sha256: string }> = {};
  database.exec("BEGIN");
  try {
    for (const form of readTableForms(database, local).forms) {
      const hash = createHash("sha256");
      let rows = 0;
      for (const row of tableRows(database, form)) {
        hash.update(row);
        rows += 1;
        if (rows % rowsPerSlice === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      digests[form.table] = { rows, sha256: hash.digest("hex") };
    }
  } finally {
    database.exec("COMMIT");
  }
  return digests;
}

/** As `digestTables`, of a replica's file. */
export async function digestFile({ path, identity }: Pick<Replica, "path" | "identity">): Promise<TableDigests> {
  const database = new SqliteDatabase(path);
  try {
    return await digestTables(database, identity.local);
  } finally {
    database.close();
  }
}
