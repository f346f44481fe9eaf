import type { OriginId } from "../../shared/domain/ids.ts";
import type { TableShape } from "../../shared/domain/replication/change.ts";
import type { ConflictPolicy } from "../../shared/domain/replication/conflict-policy.ts";
import type { KnownVersion } from "../../shared/domain/replication/merge-rule.ts";
import type { VersionVector } from "../../shared/domain/replication/replication-status.ts";
import type { SqlValue } from "./row-codec.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";
import { contextNumber, readContext } from "./write-context.ts";

/** A write that lost and may stand yet, as the file keeps it: its row as bytes of the codec, in the columns of `shape`. */
export interface RivalRow extends KnownVersion {
  readonly shape: TableShape;
  /** Undefined: it deletes the row. */
  readonly bytes: Uint8Array | undefined;
  readonly line: number | null;
  readonly isOpen: boolean;
}

export function hasRivals(database: SqliteDatabase, table: string): boolean {
  return database.get("SELECT 1 FROM _understudy_rival WHERE tbl = ? LIMIT 1", table) !== undefined;
}

export function readRivals(database: SqliteDatabase, table: string, key: Uint8Array): RivalRow[] {
  const rows = database.all(
    `SELECT r.*, o.name, s.form FROM _understudy_rival AS r JOIN _understudy_origin AS o ON o.id = r.origin JOIN _understudy_shape AS s ON s.id = r.shape
     WHERE r.tbl = ? AND r.key = ? ORDER BY o.name`,
    table,
    key,
  );
  return rows.map((row) => ({
    ...versionIn(database, row),
    shape: JSON.parse(String(row["form"])) as TableShape,
    bytes: row["row"] === null ? undefined : (row["row"] as Uint8Array),
    line: row["line"] === null ? null : Number(row["line"]),
    isOpen: Number(row["open"]) === 1,
  }));
}

/** In place of all that the row had. A conflict that somebody was to decide, and that is not among them any more, was settled by a write. */
export function replaceRivals(
  database: SqliteDatabase,
  table: string,
  key: Uint8Array,
  rivals: readonly (RivalRow & { readonly originNumber: number; readonly shapeNumber: number })[],
): void {
  const open = new Set(rivals.flatMap(({ isOpen, line }) => (isOpen && line !== null ? [line] : [])));
  for (const { line } of database.all("SELECT line FROM _understudy_rival WHERE tbl = ? AND key = ? AND open = 1", table, key)) {
    if (!open.has(Number(line))) markSettled(database, Number(line), "overwritten");
  }
  database.run("DELETE FROM _understudy_rival WHERE tbl = ? AND key = ?", table, key);
  for (const { originNumber, seq, hlc, epoch, policy, context, shapeNumber, bytes, line, isOpen } of rivals) {
    database.run(
      "INSERT INTO _understudy_rival (tbl, key, origin, seq, hlc, epoch, policy, context, shape, row, line, open) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      table,
      key,
      originNumber,
      seq,
      hlc,
      epoch ?? null,
      policyText(policy),
      keptContext(database, context),
      shapeNumber,
      bytes ?? null,
      line,
      isOpen ? 1 : 0,
    );
  }
}

/** How many writes wait for somebody's decision. */
export function countOpen(database: SqliteDatabase): number {
  return database.number("SELECT count(*) FROM _understudy_rival WHERE open = 1");
}

export function isOpen(database: SqliteDatabase, line: number): boolean {
  return database.get("SELECT 1 FROM _understudy_rival WHERE line = ? AND open = 1", line) !== undefined;
}

/** `kept`: somebody left what stood; `taken`: chose this one instead; `overwritten`: the row was written again by somebody who had both. */
export function markSettled(database: SqliteDatabase, line: number, by: "kept" | "taken" | "overwritten"): void {
  database.run("UPDATE _understudy_conflict SET settled_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), settled_by = ? WHERE id = ?", by, line);
}

/** As `_understudy_row_version` and `_understudy_rival` have a write, with its origin's name. */
export function versionIn(database: SqliteDatabase, row: Readonly<Record<string, SqlValue>>): KnownVersion {
  const { epoch = null, policy = null, context = null } = row;
  return {
    epoch: epoch === null ? undefined : Number(epoch),
    hlc: Number(row["hlc"]),
    seq: Number(row["seq"]),
    origin: String(row["name"]) as OriginId,
    policy: policy === null ? undefined : (JSON.parse(String(policy)) as ConflictPolicy),
    context: context === null ? undefined : readContext(database, Number(context)).vector,
  };
}

export function policyText(policy: ConflictPolicy | undefined): string | null {
  return policy === undefined ? null : JSON.stringify(policy);
}

export function keptContext(database: SqliteDatabase, vector: VersionVector | undefined): number | null {
  return vector === undefined ? null : contextNumber(database, { vector });
}
