import { DatabaseSync, type StatementSync } from "node:sqlite";
import { type Durability, rowColumns, rowOf } from "./pair.ts";

/** The customer's application on SQLite: one file, one table, and whatever else watches that file. */
export class CallRecords implements Disposable {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;

  constructor(path: string, durability: Durability) {
    this.#database = new DatabaseSync(path, { timeout: 30_000 });
    this.#database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durability === "full" ? "FULL" : "NORMAL"}`);
    this.#database.exec("CREATE TABLE IF NOT EXISTS call_record (id INTEGER PRIMARY KEY, ts INTEGER, tag INTEGER, val REAL, txt TEXT)");
    this.#insert = this.#database.prepare(
      `INSERT INTO call_record (${rowColumns.join(", ")}) VALUES (${rowColumns.map(() => "?").join(", ")})`,
    );
  }

  /** In milliseconds. Blocks the thread meanwhile, as it would the application's. */
  write(from: number, count: number, rowsPerTransaction: number): number {
    const startedMs = performance.now();
    for (let id = from; id < from + count; id += rowsPerTransaction) {
      this.#database.exec("BEGIN IMMEDIATE");
      for (let place = 0; place < Math.min(rowsPerTransaction, from + count - id); place += 1) this.#insert.run(...rowOf(id + place));
      this.#database.exec("COMMIT");
    }
    return performance.now() - startedMs;
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
