import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

const bytesPerMebibyte = 1_048_576;
/** What a record takes with its part of the index, about. */
const recordBytes = 300;

/** A table as a telephone system keeps it: numbers, times, a note that repeats, an index; and a sound of which nothing can be pressed out. */
const schema = `
  CREATE TABLE call_record (
    call_id INTEGER PRIMARY KEY, caller TEXT NOT NULL, callee TEXT NOT NULL, started_at INTEGER NOT NULL,
    seconds INTEGER NOT NULL, codec TEXT NOT NULL, note TEXT NOT NULL, sample BLOB NOT NULL);
  CREATE INDEX call_record_by_caller ON call_record (caller, started_at);
`;

export const recordColumns = ["call_id", "caller", "callee", "started_at", "seconds", "codec", "note", "sample"] as const;

/** Makes a database of about so many MiB. Returns its bytes and its rows. */
export function createCallRecords(path: string, megabytes: number): { readonly bytes: number; readonly rows: number } {
  const rows = Math.ceil((megabytes * bytesPerMebibyte) / recordBytes);
  using database = new DatabaseSync(path);
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; ${schema} BEGIN`);
  database
    .prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       INSERT INTO call_record SELECT i, '+49' || abs(random() % 10000000000), '+44' || abs(random() % 10000000000), 1700000000 + i, abs(random() % 3600),
         'opus', 'call of customer ' || (i % 5000) || ' answered by agent ' || (i % 40) || ' of queue support', randomblob(120) FROM n`,
    )
    .run(rows);
  // On the disk: what is still to be written is nobody's time that is measured.
  database.exec("COMMIT; PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(TRUNCATE)");
  return { bytes: statSync(path).size, rows };
}
