import { DatabaseSync } from "node:sqlite";

/** A customer's database with everything that is awkward to replicate: foreign keys with cascades, text and composite keys, WITHOUT ROWID, BLOBs, REALs, 64-bit numbers, NULLs, triggers of its own. */
export const musicShopSql = `
  CREATE TABLE artist (artist_id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, rating REAL, picture BLOB, anything);
  CREATE TABLE album (album_id INTEGER PRIMARY KEY, artist_id INTEGER NOT NULL REFERENCES artist (artist_id) ON DELETE CASCADE ON UPDATE CASCADE, title TEXT);
  CREATE TABLE track (album_id INTEGER NOT NULL REFERENCES album (album_id) ON DELETE CASCADE, position INTEGER NOT NULL, name TEXT, milliseconds INTEGER, PRIMARY KEY (album_id, position)) WITHOUT ROWID;
  CREATE TABLE setting (name TEXT COLLATE NOCASE PRIMARY KEY, value);
  CREATE TABLE playlist (owner TEXT NOT NULL, title TEXT NOT NULL, price REAL, doubled REAL GENERATED ALWAYS AS (price * 2) VIRTUAL, PRIMARY KEY (owner, title));
  CREATE TABLE audit (audit_id INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT NOT NULL);
  CREATE TRIGGER artist_named AFTER INSERT ON artist BEGIN INSERT INTO audit (what) VALUES ('artist ' || NEW.name); END;
  CREATE VIEW catalogue AS SELECT artist.name, album.title FROM artist JOIN album USING (artist_id);
`;

export function createMusicShop(path: string): void {
  using shop = openShop(path);
  shop.exec("PRAGMA journal_mode = WAL");
  shop.exec(musicShopSql);
  shop.exec(`
    INSERT INTO artist (name, rating, picture, anything) VALUES ('Accept', 4.0, x'00ff10', 9223372036854775807), ('Aerosmith', 0.1, NULL, 1.0), ('Ünïcödé ♫', -1e308, x'', 'text');
    INSERT INTO album VALUES (1, 1, 'Balls to the Wall'), (2, 2, 'Big Ones'), (3, 1, NULL);
    INSERT INTO track VALUES (1, 1, 'One', 342562), (1, 2, NULL, -9223372036854775808), (2, 1, 'Two', 0);
    INSERT INTO setting VALUES ('Volume', 11), ('theme', NULL);
    INSERT INTO playlist (owner, title, price) VALUES ('ann', 'morning', 0.99), ('bob', 'morning', 5);
  `);
}

/** As an application would open it: foreign keys on, patient with locks. */
export function openShop(path: string): DatabaseSync {
  return new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: 5_000 });
}
