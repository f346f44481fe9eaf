import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readVector } from "../../../agent/replication/change-log-tables.ts";
import { compareReplicas } from "../../../agent/replication/compare-replicas.ts";
import { createMusicShop, openShop } from "./music-shop.ts";
import { exchangeAll, OfflineReplica } from "./offline-replica.ts";
import { seededRandom, shopAtRandom } from "./random-shopping.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-convergence-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each(Array.from({ length: 25 }, (_, index) => index + 1))(
  "three servers write the same rows at random and meet at random, dropping what all have: all replicas end equal, seed %i",
  (seed) => {
    const random = seededRandom(seed);
    const paths = [0, 1, 2].map((index) => join(folder, `${index}.sqlite`));
    createMusicShop(paths[0] ?? "");
    using source = OfflineReplica.source(paths[0] ?? "");
    using second = OfflineReplica.copyOf(source, paths[1] ?? "", 1);
    using third = OfflineReplica.copyOf(source, paths[2] ?? "", 2);
    const replicas = [source, second, third];
    const shops = paths.map(openShop);
    const any = <Value>(values: readonly Value[]) => values[Math.floor(random() * values.length)] as Value;
    for (let round = 0; round < 80; round += 1) {
      shopAtRandom(any(shops), random);
      if (random() < 0.25) {
        const [giver, taker] = [any(replicas), any(replicas)];
        if (giver !== taker) taker.meet(giver);
        if (random() < 0.3) taker.prune(replicas);
      }
    }
    exchangeAll(replicas);
    exchangeAll(replicas);
    for (const replica of replicas) replica.prune(replicas);
    expect(replicas.map(({ database }) => database.number("SELECT count(*) FROM _understudy_log"))).toEqual([0, 0, 0]);
    for (const shop of shops) shop.close();
    expect(compareReplicas(paths).differences).toEqual([]);
    expect(readVector(second.database)).toEqual(readVector(source.database));
    expect(readVector(third.database)).toEqual(readVector(source.database));
  },
);
