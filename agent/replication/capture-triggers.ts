import { isByColumn } from "../../shared/domain/replication/conflict-policy.ts";
import { ticksPerMs } from "../../shared/domain/replication/hybrid-clock.ts";
import { changedColumns } from "./changed-columns.ts";
import { isReplicatedRow } from "./local-rows.ts";
import { literal, quoted } from "./sqlite-database.ts";
import { type IndexedColumn, ownPrefix, type TableForm } from "./table-form.ts";
import { loggedWidth } from "./written-columns.ts";

export const operationCode = { put: 1, delete: 2 } as const;

/** The wall clock in ticks of the hybrid clock, in words that SQLite has known since 2004. */
export const wallTicksSql = `CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * ${ticksPerMs}`;

const notApplying = `(SELECT applying FROM ${ownPrefix}control) = 0`;

/**
 * How far this replica's counters are: what the agent's last transaction left in `control`, or the log's last entry where that is newer. Then a
 * trigger has written it, so it is of this node's own origin; and triggers have one page less to write than if they counted in `control`.
 */
export const countersSql = `(SELECT coalesce(l.n, c.n) AS n, c.origin, coalesce(l.seq, c.seq) AS seq, coalesce(l.hlc, c.hlc) AS hlc, c.context, c.absorbed, coalesce(c.absorbed_hlc, c.hlc) AS absorbed_hlc, c.verified, c.sealed
  FROM ${ownPrefix}control AS c LEFT JOIN (SELECT n, seq, hlc FROM ${ownPrefix}log ORDER BY n DESC LIMIT 1) AS l ON l.n > c.n)`;

/** How a log row's value columns are called, whatever the table: without a type, so that each value keeps its own. */
export function logColumns(count: number): string[] {
  return Array.from({ length: count }, (_, position) => `c${position}`);
}

/**
 * The triggers that write a table's changes into the outbox, in the application's own transaction and by whatever SQLite
 * library it brings: plain SQL, no JSON, no functions of ours. `shape` is the number under which the log knows the form.
 */
export function captureTriggers(form: TableForm, shape: number): string[] {
  const table = quoted(form.table);
  const name = (kind: string) => quoted(`${ownPrefix}${kind}_${shape}`);
  const newValue = (position: number) => `NEW.${quoted(form.columns[position] ?? "")}`;
  const put = log(form, shape, operationCode.put, newValue);
  const remove = log(form, shape, operationCode.delete, (position) =>
    form.key.includes(position) ? `OLD.${quoted(form.columns[position] ?? "")}` : "NULL",
  );
  const keyChanged = form.keyColumns
    .map(({ name, collation }) => `OLD.${quoted(name)} COLLATE ${collation} IS NOT NEW.${quoted(name)}`)
    .join(" OR ");
  const isByColumns = isByColumn(form.conflicts);
  const changed = isByColumns || form.localColumns !== undefined ? changedColumns(form, keyChanged) : undefined;
  const update = isByColumns ? log(form, shape, operationCode.put, newValue, changed?.mask) : put;
  // Where columns are local, an update of nothing else is no write.
  const isChanged = changed === undefined ? "" : ` AND ${changed.isAny}`;
  const [isNew, isOld] = ["NEW.", "OLD."].map((row) => (form.localRows === undefined ? "" : ` AND ${isReplicatedRow(form, row)}`));
  const triggers = [
    `CREATE TRIGGER ${name("insert")} AFTER INSERT ON ${table} WHEN ${notApplying}${isNew} BEGIN ${put} END`,
    `CREATE TRIGGER ${name("update")} AFTER UPDATE ON ${table} WHEN ${notApplying}${isChanged}${isNew} BEGIN ${update} END`,
    `CREATE TRIGGER ${name("rekey")} AFTER UPDATE ON ${table} WHEN ${notApplying} AND (${keyChanged})${isOld} BEGIN ${remove} END`,
    `CREATE TRIGGER ${name("delete")} AFTER DELETE ON ${table} WHEN ${notApplying}${isOld} BEGIN ${remove} END`,
  ];
  return form.uniques.length === 0 ? triggers : [...triggers, ...replacedRowTriggers(form, shape)];
}

function log(form: TableForm, shape: number, operation: number, value: (position: number) => string, changed?: string): string {
  const rowColumns = logColumns(form.columns.length);
  const columns = changed === undefined ? rowColumns : logColumns(loggedWidth(form));
  const values = [...rowColumns.map((_, position) => value(position)), ...(changed === undefined ? [] : [changed])];
  return `INSERT INTO ${ownPrefix}log (n, origin, seq, hlc, context, shape, operation, ${columns.join(", ")})
    SELECT n + 1, origin, seq + 1, max(hlc + 1, ${wallTicksSql}), context, ${shape}, ${operation}, ${values.join(", ")} FROM ${countersSql};`;
}

/**
 * REPLACE deletes the rows that stand in the new row's way without telling any trigger. So before a write the rows that
 * share a unique value with it are noted, and after it those of them that are gone are logged as deleted.
 */
function replacedRowTriggers(form: TableForm, shape: number): string[] {
  const table = quoted(form.table);
  const doomed = `${ownPrefix}doomed`;
  const name = (kind: string) => quoted(`${ownPrefix}${kind}_${shape}`);
  const keys = form.keyColumns.map((column) => quoted(column.name));
  const places = logColumns(keys.length);
  const note = (exceptOld: string) =>
    `DELETE FROM ${doomed} WHERE shape = ${shape};
     ${form.uniques.map((unique) => `INSERT INTO ${doomed} (shape, ${places.join(", ")}) SELECT ${shape}, ${keys.join(", ")} FROM ${table} WHERE ${sharesValue(unique)}${exceptOld};`).join(" ")}`;
  const same = keys.map((key, position) => `t.${key} = d.c${position}`).join(" AND ");
  const isOld = form.keyColumns.map((column) => `${quoted(column.name)} = OLD.${quoted(column.name)}`).join(" AND ");
  const rank = `(SELECT count(*) FROM ${doomed} AS e WHERE e.shape = ${shape} AND e.id <= d.id)`;
  const logged = logColumns(form.key.length).map((place, order) => ({ place, column: `c${form.key[order] ?? 0}` }));
  const settle = `
    DELETE FROM ${doomed} WHERE shape = ${shape} AND id IN
      (SELECT d.id FROM ${doomed} AS d WHERE d.shape = ${shape} AND EXISTS (SELECT 1 FROM ${table} AS t WHERE ${same}));
    INSERT INTO ${ownPrefix}log (n, origin, seq, hlc, context, shape, operation, ${logged.map(({ column }) => column).join(", ")})
      SELECT c.n + ${rank}, c.origin, c.seq + ${rank}, max(c.hlc, ${wallTicksSql}) + ${rank}, c.context, ${shape}, ${operationCode.delete}, ${logged.map(({ place }) => `d.${place}`).join(", ")}
      FROM ${countersSql} AS c, ${doomed} AS d WHERE d.shape = ${shape};
    DELETE FROM ${doomed} WHERE shape = ${shape};`;
  const someDoomed = `EXISTS (SELECT 1 FROM ${doomed} WHERE shape = ${shape})`;
  return [
    `CREATE TRIGGER ${name("before_insert")} BEFORE INSERT ON ${table} WHEN ${notApplying} BEGIN ${note("")} END`,
    `CREATE TRIGGER ${name("before_update")} BEFORE UPDATE ON ${table} WHEN ${notApplying} BEGIN ${note(` AND NOT (${isOld})`)} END`,
    `CREATE TRIGGER ${name("replaced_by_insert")} AFTER INSERT ON ${table} WHEN ${notApplying} AND ${someDoomed} BEGIN ${settle} END`,
    `CREATE TRIGGER ${name("replaced_by_update")} AFTER UPDATE ON ${table} WHEN ${notApplying} AND ${someDoomed} BEGIN ${settle} END`,
  ];
}

function sharesValue(unique: readonly IndexedColumn[]): string {
  return unique.map(({ name, collation }) => `${quoted(name)} COLLATE ${quoted(collation)} = NEW.${quoted(name)}`).join(" AND ");
}

/** The condition under which a trigger of the schema is one of ours. */
export const isOwnTrigger = `type = 'trigger' AND substr(name, 1, ${ownPrefix.length}) = ${literal(ownPrefix)}`;
