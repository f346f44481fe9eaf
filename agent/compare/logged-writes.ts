import { limits } from "../../shared/config/limits.ts";
import type { OriginId } from "../../shared/domain/ids.ts";
import type { TableShape } from "../../shared/domain/replication/change.ts";
import type { KnownVersion } from "../../shared/domain/replication/merge-rule.ts";
import type { VersionVector } from "../../shared/domain/replication/replication-status.ts";
import { missingFrom, seqIn } from "../../shared/domain/replication/version-vector.ts";
import { readControl, readOrigins, vectorOf } from "../replication/change-log-tables.ts";
import { type LogEntry, logEntries } from "../replication/log-entry.ts";
import { ReplicaTable } from "../replication/replica-table.ts";
import { encodeRow, type SqlValue } from "../replication/row-codec.ts";
import type { SqliteDatabase } from "../replication/sqlite-database.ts";
import { SqliteMergeTable } from "../replication/sqlite-merge-table.ts";
import type { TableForm } from "../replication/table-form.ts";
import { readContext } from "../replication/write-context.ts";
import { rowOfEntry } from "../replication/written-columns.ts";
import { identityOf } from "./key-range.ts";

interface NamedEntry extends Omit<LogEntry, "origin"> {
  readonly origin: OriginId;
}

/** A row's newest write, and whether the row is what it made; null where the log does not have it any more. */
export interface RowWrite extends KnownVersion {
  readonly agrees: boolean | null;
}

/**
 * Keys of the rows of a table that were written beyond `vector`, by identity; undefined where those writes lie too deep in the log to be looked for. All of
 * them are in it still: the caller has made sure of that. Inside a read snapshot.
 */
export function writtenSince(database: SqliteDatabase, form: TableForm, vector: VersionVector): ReadonlySet<string> | undefined {
  const written = new Set<string>();
  let missing = missingFrom(vector, vectorOf(readOrigins(database)));
  if (missing === 0) return written;
  if (missing > limits.compareLogEntriesMax) return undefined;
  const table = new ReplicaTable(database, form);
  for (const { origin, seq, shape, values } of newestEntries(database)) {
    if (seq <= seqIn(vector, origin)) continue;
    if (isOf(form, shape)) written.add(identityOf(form, table.keyValues(shape, values)));
    missing -= 1;
    if (missing === 0) return written;
  }
  return undefined;
}

/** A row's key, and the row as it stands; undefined where there is none. */
export interface AskedRow {
  readonly keyValues: readonly SqlValue[];
  readonly row: Uint8Array | undefined;
}

/** The newest write of each of these rows (by identity), as far as it is known, and what the log says of the row. Inside a read snapshot. */
export function newestWrites(
  database: SqliteDatabase,
  form: TableForm,
  asked: ReadonlyMap<string, AskedRow>,
): ReadonlyMap<string, RowWrite> {
  const table = new ReplicaTable(database, form);
  const versions = new SqliteMergeTable(database, table);
  const { absorbed, origin: own } = readControl(database);
  const ownName = readOrigins(database).get(own)?.name;
  const known = new Map(
    [...asked].map(([identity, { keyValues }]) => [identity, versions.newestWrite({ key: table.keyOf(keyValues), keyValues })]),
  );
  const found = new Map<string, RowWrite>();
  for (const entry of newestEntries(database)) {
    if (found.size === asked.size) break;
    if (!isOf(form, entry.shape)) continue;
    const identity = identityOf(form, table.keyValues(entry.shape, entry.values));
    const one = asked.get(identity);
    if (one === undefined || found.has(identity)) continue;
    const { n, origin, seq, hlc, context } = entry;
    // A write of this node's own that the agent has not looked at yet came after all that was applied.
    const isUnseen = origin === ownName && n > absorbed;
    const version = known.get(identity);
    if (!isUnseen && (version?.origin !== origin || version.seq !== seq)) continue;
    const { epoch } = readContext(database, context);
    found.set(identity, { epoch, origin, seq, hlc, agrees: agreement(form, entry, one.row) });
  }
  for (const [identity, version] of known) {
    if (version === undefined || found.has(identity)) continue;
    const { epoch, origin, seq, hlc } = version;
    found.set(identity, { epoch, origin, seq, hlc, agrees: null });
  }
  return found;
}

/** Null: the entry cannot say, since the table has other columns now, or since other rows decide whether this one stands. */
function agreement(form: TableForm, { shape, isPut, values: logged }: NamedEntry, row: Uint8Array | undefined): boolean | null {
  if (form.uniques.length > 0 || JSON.stringify(shape.columns) !== JSON.stringify(form.columns)) return null;
  if (!isPut) return row === undefined;
  const { values, written } = rowOfEntry(shape, logged);
  // The other columns may be of later writes, or of earlier ones that came after it.
  if (written !== undefined) return null;
  return row !== undefined && Buffer.from(encodeRow(values)).equals(row);
}

function isOf(form: TableForm, { table }: TableShape): boolean {
  return table.toLowerCase() === form.table.toLowerCase();
}

/** From the log's end backwards, as deep as is looked at all. */
function* newestEntries(database: SqliteDatabase): Generator<NamedEntry> {
  const origins = readOrigins(database);
  for (const entry of logEntries(database, `SELECT * FROM _understudy_log ORDER BY n DESC LIMIT ${limits.compareLogEntriesMax}`)) {
    const origin = origins.get(entry.origin)?.name;
    if (origin !== undefined) yield { ...entry, origin };
  }
}
