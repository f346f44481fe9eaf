import { DatabaseSync } from "node:sqlite";
import { seededRandom } from "./random-shopping.ts";

// An application as a process of its own, with foreign keys enforced: inserts, updates, deletes, new keys for old rows, and what cascades from them.
const [path = "", seed = "1"] = process.argv.slice(2);
const database = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: 10_000 });
const random = seededRandom(Number(seed));
const upTo = (count: number) => 1 + Math.floor(random() * count);
/** Each server's own part of the keys, as applications with several writers have to have it. */
const own = Number(seed) * 1_000_000;
let last = 0;

const steps: readonly (() => unknown)[] = [
  () => {
    last += 1;
    database.prepare("INSERT INTO artist VALUES (?, ?)").run(own + last, `Ärtist ${seed} ${last}`);
    database.prepare("INSERT INTO album VALUES (?, ?, ?, zeroblob(?))").run(own + last, "Álbum", own + last, upTo(2_000));
    for (let track = 0; track < 5; track += 1) {
      database.prepare("INSERT INTO track VALUES (?, ?, ?, 0.99, 9007199254740993)").run(own + last * 5 + track, "Track", own + last);
    }
  },
  () => database.prepare("UPDATE track SET unit_price = ?, name = name || '!' WHERE track_id = ?").run(upTo(300) / 7, upTo(5_000)),
  () => database.prepare("UPDATE artist SET artist_id = ? WHERE artist_id = ?").run(-own - upTo(1_000_000_000), upTo(200)),
  () => database.prepare("DELETE FROM playlist_track WHERE track_id = ?").run(upTo(5_000)),
  () => {
    const album = upTo(600);
    database.prepare("DELETE FROM playlist_track WHERE track_id IN (SELECT track_id FROM track WHERE album_id = ?)").run(album);
    database.prepare("DELETE FROM album WHERE album_id = ?").run(album);
  },
  () =>
    database
      .prepare("INSERT OR REPLACE INTO playlist_track SELECT 'Bar', track_id, ? FROM track WHERE track_id = ?")
      .run(random(), upTo(5_000)),
];

function transaction(): void {
  database.exec("BEGIN IMMEDIATE");
  for (let count = upTo(3); count > 0; count -= 1) steps[upTo(steps.length) - 1]?.();
  database.exec(random() < 0.1 ? "ROLLBACK" : "COMMIT");
  setTimeout(transaction, 2);
}

transaction();
console.log("writing");
