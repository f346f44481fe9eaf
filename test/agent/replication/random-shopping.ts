import type { DatabaseSync } from "node:sqlite";

/** Numbers from 0 to just below 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One transaction of an application that does a bit of everything to the music shop; few keys, so that servers meet on the same rows. */
export function shopAtRandom(shop: DatabaseSync, random: () => number): void {
  const upTo = (count: number) => Math.floor(random() * count) + 1;
  const pick = <Value>(values: readonly Value[]): Value => values[upTo(values.length) - 1] as Value;
  const statements: readonly (() => unknown)[] = [
    () =>
      shop
        .prepare("INSERT OR REPLACE INTO artist (artist_id, name, rating, anything) VALUES (?, ?, ?, ?)")
        .run(upTo(8), `n${upTo(6)}`, random(), pick([null, 1, 1.5, "x", Buffer.from([0, 255])])),
    () => shop.prepare("INSERT OR IGNORE INTO artist (artist_id, name) VALUES (?, ?)").run(upTo(8), `n${upTo(6)}`),
    () => shop.prepare("UPDATE OR REPLACE artist SET name = ? WHERE artist_id = ?").run(`n${upTo(6)}`, upTo(8)),
    () => shop.prepare("UPDATE OR REPLACE artist SET artist_id = ? WHERE artist_id = ?").run(upTo(8), upTo(8)),
    () => shop.prepare("DELETE FROM artist WHERE artist_id = ?").run(upTo(8)),
    () =>
      shop
        .prepare("INSERT INTO artist (artist_id, name) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET rating = excluded.artist_id")
        .run(upTo(8), `n${upTo(6)}`),
    () => shop.prepare("INSERT OR REPLACE INTO setting VALUES (?, ?)").run(pick(["Volume", "VOLUME", "theme", "Theme", "x"]), random()),
    () => shop.prepare("UPDATE OR IGNORE setting SET name = ? WHERE name = ?").run(pick(["volume", "y", "X"]), pick(["VOLUME", "x"])),
    () => shop.prepare("DELETE FROM setting WHERE name = ?").run(pick(["volume", "x", "y"])),
    () =>
      shop
        .prepare("INSERT OR REPLACE INTO playlist (owner, title, price) VALUES (?, ?, ?)")
        .run(pick(["ann", "bob"]), pick(["morning", "evening"]), pick([null, 1, 0.1])),
    () =>
      shop
        .prepare("INSERT OR REPLACE INTO track VALUES ((SELECT max(album_id) FROM album), ?, ?, ?)")
        .run(upTo(3), `t${upTo(9)}`, BigInt(upTo(5)) * 2n ** 60n),
    () => shop.prepare("INSERT OR REPLACE INTO album VALUES (?, (SELECT artist_id FROM artist LIMIT 1), ?)").run(upTo(5), `a${upTo(9)}`),
  ];
  shop.exec("BEGIN IMMEDIATE");
  try {
    for (let count = upTo(4); count > 0; count -= 1) pick(statements)();
    shop.exec(random() < 0.1 ? "ROLLBACK" : "COMMIT");
  } catch (error) {
    // A constraint of the application's own has spoken: it takes its transaction back, as applications do.
    if (!(error instanceof Error) || !/constraint failed/.test(error.message)) throw error;
    if (shop.isTransaction) shop.exec("ROLLBACK");
  }
}
