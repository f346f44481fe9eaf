import { DatabaseSync } from "node:sqlite";

/** A shop's database as many are: several tables that refer to each other, keys of several columns, and every type of value. */
export function createForeignKeyDatabase(path: string): void {
  const database = new DatabaseSync(path);
  database.exec(`
    PRAGMA foreign_keys = ON;
    CREATE TABLE artist (artist_id INTEGER NOT NULL, name NVARCHAR(120), CONSTRAINT pk_artist PRIMARY KEY (artist_id));
    CREATE TABLE album (album_id INTEGER NOT NULL PRIMARY KEY, title NVARCHAR(160) NOT NULL, artist_id INTEGER NOT NULL REFERENCES artist(artist_id) ON UPDATE CASCADE, cover BLOB);
    CREATE TABLE track (track_id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, album_id INTEGER REFERENCES album(album_id) ON DELETE CASCADE, unit_price NUMERIC(10, 2) NOT NULL, bytes INTEGER);
    CREATE TABLE playlist (name TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE playlist_track (playlist TEXT NOT NULL REFERENCES playlist(name), track_id INTEGER NOT NULL REFERENCES track(track_id), position REAL, PRIMARY KEY (playlist, track_id));
    CREATE INDEX track_by_album ON track (album_id);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) INSERT INTO artist SELECT i, 'Artist ' || i FROM n;
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600) INSERT INTO album SELECT i, 'Álbum ' || i, 1 + i % 200, zeroblob(i % 50) FROM n;
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO track SELECT i, 'Track ' || i, 1 + i % 600, 0.99, 9007199254740993 + i FROM n;
    INSERT INTO playlist VALUES ('Lobby'), ('Bar');
    INSERT INTO playlist_track SELECT 'Lobby', track_id, track_id / 3.0 FROM track WHERE track_id % 5 = 0;
  `);
  database.close();
}
