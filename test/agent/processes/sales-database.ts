import { DatabaseSync } from "node:sqlite";

/** What one run of the service (witnessed-service.ts) found when it began, and what it sold itself. */
export interface Tenure {
  readonly life: string;
  readonly soldBefore: number;
  readonly sold: number;
}

export function createSalesDatabase(path: string): void {
  using database = new DatabaseSync(path);
  database.exec(`
    PRAGMA journal_mode = WAL;
    CREATE TABLE sale (sale_id TEXT PRIMARY KEY, life TEXT NOT NULL);
    CREATE TABLE opening (life TEXT PRIMARY KEY, sold_before INTEGER NOT NULL);
  `);
}

export function tenuresOf(path: string): readonly Tenure[] {
  using database = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
  const rows = database
    .prepare("SELECT life, sold_before, (SELECT COUNT(*) FROM sale WHERE sale.life = opening.life) AS sold FROM opening")
    .all();
  return rows.map((row) => ({ life: String(row["life"]), soldBefore: Number(row["sold_before"]), sold: Number(row["sold"]) }));
}
