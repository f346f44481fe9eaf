import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readVector } from "../../../agent/replication/change-log-tables.ts";
import { compareReplicas } from "../../../agent/replication/compare-replicas.ts";
import { exchangeAll } from "./offline-replica.ts";
import { seededRandom, shopAtRandom } from "./random-shopping.ts";
import { threeShops, writeAndMeet } from "./three-shops.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-convergence-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each(Array.from({ length: 25 }, (_, index) => index + 1))(
  "three servers write the same rows at random and meet at random, dropping what all have: all replicas end equal, seed %i",
  (seed) => {
    const random = seededRandom(seed);
    const servers = threeShops(folder);
    const { paths, replicas } = servers;
    writeAndMeet(servers, 80, random, (shop) => shopAtRandom(shop, random));
    exchangeAll(replicas);
    exchangeAll(replicas);
    for (const replica of replicas) replica.prune(replicas);
    expect(replicas.map(({ database }) => database.number("SELECT count(*) FROM _understudy_log"))).toEqual([0, 0, 0]);
    expect(compareReplicas(paths).differences).toEqual([]);
    const [first, ...others] = replicas.map(({ database }) => readVector(database));
    for (const other of others) expect(other).toEqual(first);
    for (const replica of replicas) replica[Symbol.dispose]();
  },
);
