import { isOwnTrigger } from "./capture-triggers.ts";
import { literal, quoted, type SqliteDatabase } from "./sqlite-database.ts";

/**
 * The application's own triggers, out of the way while rows are written that they have nothing to do with. Dropped and put back inside one transaction, so
 * nobody ever sees them missing.
 */
export class SuspendedTriggers {
  readonly #database: SqliteDatabase;
  readonly #tables = new Set<string>();
  readonly #statements: string[] = [];

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  /** Those of this table, once. */
  suspend(table: string): void {
    if (this.#tables.has(table)) return;
    this.#tables.add(table);
    const triggers = this.#database.all(
      `SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND NOT (${isOwnTrigger}) AND tbl_name = ${literal(table)} COLLATE NOCASE ORDER BY rowid`,
    );
    for (const { name, sql } of triggers) {
      this.#database.exec(`DROP TRIGGER ${quoted(String(name))}`);
      this.#statements.push(String(sql));
    }
  }

  restore(): void {
    for (const statement of this.#statements) this.#database.exec(statement);
  }
}
