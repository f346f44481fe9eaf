import { copyFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** Installs the customer's application on its first server: its database (the sample, or a copy of any other) with the table that it writes to. */
export function installApplication(path: string, source?: string): void {
  if (source === undefined) createSampleDatabase(path);
  else copyFileSync(source, path);
  const database = new DatabaseSync(path);
  try {
    database.exec(
      "CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL UNIQUE, server TEXT NOT NULL, weight REAL)",
    );
  } finally {
    database.close();
  }
}

/** A telephony customer's database, as its vendor would ship it: written by the application alone, and knowing nothing of replicas. */
function createSampleDatabase(path: string): void {
  const database = new DatabaseSync(path);
  try {
    database.exec(`
      PRAGMA journal_mode = WAL;
      CREATE TABLE extension (number TEXT PRIMARY KEY, owner TEXT NOT NULL, pin INTEGER, ring_seconds REAL NOT NULL DEFAULT 20.0) WITHOUT ROWID;
      CREATE TABLE call (
        id INTEGER PRIMARY KEY AUTOINCREMENT, caller TEXT NOT NULL REFERENCES extension(number), callee TEXT NOT NULL REFERENCES extension(number),
        started_at TEXT NOT NULL, seconds REAL
      );
      CREATE TABLE voicemail (mailbox TEXT NOT NULL REFERENCES extension(number) ON DELETE CASCADE, message INTEGER NOT NULL, sound BLOB, PRIMARY KEY (mailbox, message));
      BEGIN;
    `);
    const extension = database.prepare("INSERT INTO extension (number, owner, pin) VALUES (?, ?, ?)");
    const call = database.prepare("INSERT INTO call (caller, callee, started_at, seconds) VALUES (?, ?, ?, ?)");
    const voicemail = database.prepare("INSERT INTO voicemail (mailbox, message, sound) VALUES (?, ?, ?)");
    for (let index = 0; index < 500; index += 1)
      extension.run(String(1000 + index), `Owner ${index}`, index % 7 === 0 ? null : 4000 + index);
    for (let index = 0; index < 20_000; index += 1) {
      const startedAt = new Date(Date.UTC(2026, 0, 1) + index * 61_000).toISOString();
      call.run(String(1000 + (index % 500)), String(1000 + ((index * 7) % 500)), startedAt, index / 3);
    }
    for (let index = 0; index < 500; index += 1) voicemail.run(String(1000 + index), 1, Buffer.alloc(2_000, index % 256));
    database.exec("COMMIT");
  } finally {
    database.close();
  }
}
