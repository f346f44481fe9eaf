import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Makes an SQLite file of the agent's own, where there is none yet, or its tables, where those are missing. Throws what the disk says. */
export function createOwnedDatabase(path: string, tables: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path);
  try {
    database.exec(`PRAGMA journal_mode = WAL; BEGIN; ${tables}; COMMIT`);
  } finally {
    database.close();
  }
}
