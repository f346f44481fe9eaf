/** A manifest is replicated as any database of an application is; nobody but the writer of its tree writes it. */
export const manifestTables = `
  CREATE TABLE IF NOT EXISTS tenure (epoch INTEGER PRIMARY KEY NOT NULL, node TEXT NOT NULL, seals TEXT NOT NULL, surveyed INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS entry (
    path TEXT PRIMARY KEY NOT NULL, epoch INTEGER NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL, mode INTEGER NOT NULL,
    mtime_us INTEGER NOT NULL, size INTEGER NOT NULL, content TEXT NOT NULL, target TEXT NOT NULL) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS entry_written ON entry (epoch, number);
  CREATE INDEX IF NOT EXISTS entry_content ON entry (content);
  CREATE TABLE IF NOT EXISTS content (sha256 TEXT PRIMARY KEY NOT NULL, chunks BLOB NOT NULL) WITHOUT ROWID`;
