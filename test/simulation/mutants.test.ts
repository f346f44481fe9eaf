import { availableParallelism } from "node:os";
import { afterAll, describe, expect, it } from "vitest";
import { mutants } from "./mutants.ts";
import { runSeed } from "./run-seed.ts";
import { catchMutant } from "./search.ts";
import { SeedPool } from "./seed-pool.ts";

const pool = new SeedPool(availableParallelism());
afterAll(() => pool.close());

const seedsMax = 3_000;

/**
 * Where each planted bug showed last, by number of nodes: tried first, to save the search. A change of the core moves them;
 * then the search finds others, and `npm run simulate -- --mutants` prints them.
 */
const showedLast: Readonly<Record<string, Readonly<Record<number, number>>>> = {
  "no-majority": { 2: 28, 3: 4, 5: 2 },
  "lease-from-answer": { 3: 1515, 5: 510 },
  "no-drift-margin": { 3: 47, 5: 98 },
  "grant-forgotten": { 3: 189, 5: 488 },
  "no-self-grant": { 2: 14, 3: 4, 5: 5 },
  "no-release": { 2: 14, 3: 2, 5: 1 },
  "duelling-candidates": { 2: 52, 3: 86, 5: 3 },
  "epoch-goes-back": { 2: 4, 3: 4, 5: 1 },
  "stale-status": { 3: 6, 5: 17 },
  "learner-votes": { 5: 346 },
  "long-promise-cut-short": { 3: 36, 5: 20 },
  "guardian-speaks-first": { 3: 28, 5: 2 },
  "leases-on-one-path": { 2: 180, 3: 180, 5: 127 },
  "suspicion-frees": { 3: 43, 5: 11 },
  "witness-from-answer": { 4: 24 },
  "witness-forgets": { 2: 186, 4: 43 },
  "witness-freed-and-counted": { 2: 23, 4: 102 },
  "witness-always-asked": { 2: 2, 4: 2 },
};

const cases = mutants.flatMap(({ name, bug, sizes }) => sizes.map((nodes) => ({ name, bug, nodes })));

describe("planted bugs", () => {
  it.each(cases)("$name with $nodes nodes ($bug): found", async ({ name, nodes }) => {
    const last = showedLast[name]?.[nodes];
    const quick = last === undefined ? null : (await catchMutant(pool, name, nodes, last, 1)).seed;
    const seed = quick ?? (await catchMutant(pool, name, nodes, 1, seedsMax)).seed;
    expect(seed, `no seed up to ${seedsMax} shows it`).not.toBeNull();
    // It is the bug that the oracle sees: the same run of the core as it is goes well.
    expect(runSeed(seed ?? 0, { nodes }).violations).toEqual([]);
  });
});
