import { DatabaseSync } from "node:sqlite";

/** Rows of a transaction that a writer has committed: two of them under one number, or none. */
export const ledger = "ledger";

/** Every kind of column, key and constraint that an application's SQLite database may have and that is replicated. */
const schema = `
  CREATE TABLE maker (maker_id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, rating REAL DEFAULT 0.5 CHECK (rating BETWEEN -10 AND 10), logo BLOB, anything);
  CREATE TABLE ware (
    ware_id INTEGER PRIMARY KEY, maker_id INTEGER REFERENCES maker (maker_id) ON DELETE SET NULL ON UPDATE CASCADE, title VARCHAR(80) NOT NULL,
    price NUMERIC(10, 2) NOT NULL DEFAULT 1, weight DOUBLE, stock BIGINT, sold BOOLEAN, since DATETIME,
    doubled REAL GENERATED ALWAYS AS (price * 2) STORED, label TEXT GENERATED ALWAYS AS (title || '!') VIRTUAL, UNIQUE (maker_id, title));
  CREATE TABLE part (
    ware_id INTEGER NOT NULL REFERENCES ware (ware_id) ON DELETE CASCADE ON UPDATE CASCADE, position INTEGER NOT NULL, what TEXT, picture BLOB,
    PRIMARY KEY (ware_id, position)) WITHOUT ROWID;
  CREATE TABLE shelf (place TEXT COLLATE NOCASE PRIMARY KEY, content, note TEXT);
  CREATE TABLE barcode (code BLOB PRIMARY KEY, ware_id INTEGER, printed REAL) WITHOUT ROWID;
  CREATE TABLE offer (town TEXT NOT NULL, day TEXT NOT NULL, ware_id INTEGER NOT NULL, price REAL, PRIMARY KEY (town, day, ware_id));
  CREATE TABLE measured (id INTEGER PRIMARY KEY, whole INT, part REAL, words TEXT, bytes BLOB, either ANY) STRICT;
  CREATE TABLE sale (sale_id INTEGER PRIMARY KEY AUTOINCREMENT, ware_id INTEGER, amount INTEGER);
  CREATE UNIQUE INDEX shelf_of_note ON shelf (note) WHERE note IS NOT NULL;
  CREATE INDEX ware_by_price ON ware (price DESC, title COLLATE NOCASE);
  CREATE TRIGGER ware_sold AFTER UPDATE OF sold ON ware WHEN NEW.sold BEGIN INSERT INTO sale (ware_id, amount) VALUES (NEW.ware_id, 1); END;
  CREATE TRIGGER maker_gone AFTER DELETE ON maker BEGIN DELETE FROM shelf WHERE content = OLD.maker_id; END;
  CREATE VIEW catalogue AS SELECT maker.name, ware.title FROM maker JOIN ware USING (maker_id);
`;

const rows = `
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
    INSERT INTO maker (name, rating, logo, anything) SELECT 'Häuser ' || i, i / 7.0 - 4, randomblob(i * 10), CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN i WHEN 2 THEN i / 3.0 ELSE x'00ff' END FROM n;
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
    INSERT INTO ware (ware_id, maker_id, title, price, weight, stock, sold, since) SELECT i, 1 + i % 60, 'wäre ' || i, i / 9.0, 1e300 / i, 9223372036854775807 - i, i % 2, '2026-01-01' FROM n;
  INSERT INTO part SELECT ware_id, 1, 'the part of ' || title, randomblob(40) FROM ware;
  INSERT INTO part SELECT ware_id, 2, NULL, NULL FROM ware WHERE ware_id % 3 = 0;
  INSERT INTO shelf SELECT 'Place ' || maker_id, maker_id, CASE WHEN maker_id % 2 THEN 'note ' || maker_id END FROM maker;
  INSERT INTO barcode SELECT randomblob(12), ware_id, NULL FROM ware WHERE ware_id < 100;
  INSERT INTO offer SELECT 'town ' || ware_id % 5, 'day ' || ware_id % 7, ware_id, -0.0 FROM ware;
  INSERT INTO measured SELECT ware_id, -ware_id, weight, title, x'', CASE ware_id % 3 WHEN 0 THEN 'x' WHEN 1 THEN 1 END FROM ware WHERE ware_id < 50;
`;

/** Makes the application's database; or, where `from` names one, takes that file's tables and rows. The ledger of this trial comes on top. */
export function createWaresDatabase(path: string, from?: string): void {
  const database = new DatabaseSync(from ?? path);
  try {
    if (from === undefined) {
      database.exec("PRAGMA journal_mode = WAL");
      database.exec(schema);
      database.exec(rows);
    } else {
      database.prepare("VACUUM INTO ?").run(path);
    }
  } finally {
    database.close();
  }
  using made = openAs(path);
  made.exec("PRAGMA journal_mode = WAL");
  made.exec(`CREATE TABLE ${ledger} (writer TEXT, number INTEGER, side INTEGER, PRIMARY KEY (writer, number, side)) WITHOUT ROWID`);
}

/** As an application opens it: foreign keys on, patient with locks. */
export function openAs(path: string): DatabaseSync {
  return new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: 10_000 });
}
