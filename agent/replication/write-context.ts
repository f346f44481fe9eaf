import type { VersionVector } from "../../shared/domain/replication/replication-status.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";

/** What a write was made in knowledge of; and, where the data set has a single writer, the epoch under which it was made. */
export interface WriteContext {
  readonly vector: VersionVector;
  readonly epoch?: number | undefined;
}

/** No origin is called so: each has a colon in its name. */
const epochName = "epoch";

/** The number of a context, kept once however many changes refer to it. */
export function contextNumber(database: SqliteDatabase, { vector, epoch }: WriteContext): number {
  const entries = Object.entries(epoch === undefined ? vector : { ...vector, [epochName]: epoch });
  const text = JSON.stringify(Object.fromEntries(entries.toSorted(([one], [other]) => (one < other ? -1 : 1))));
  database.run("INSERT OR IGNORE INTO _understudy_context (vector) VALUES (?)", text);
  return database.number("SELECT id FROM _understudy_context WHERE vector = ?", text);
}

/** Throws where the file has no such context. */
export function readContext(database: SqliteDatabase, id: number): WriteContext {
  const row = database.get("SELECT vector FROM _understudy_context WHERE id = ?", id);
  if (row === undefined) throw new Error(`${database.path}: the log refers to an unknown context ${id}`);
  return contextIn(String(row["vector"]));
}

/** As the column `vector` of `_understudy_context` has it. */
export function contextIn(text: string): WriteContext {
  const { [epochName]: epoch, ...vector } = JSON.parse(text) as VersionVector & { readonly [epochName]?: number };
  return { vector, epoch };
}
