import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { scriptsBySize } from "../scenarios/scripts-by-size.ts";
import { unpadded } from "../unpadded.ts";
import { mutants } from "./mutants.ts";
import { plantedBugTable, readShowedLast } from "./planted-bugs.ts";
import { runSeed } from "./run-seed.ts";
import { catchMutant } from "./search.ts";
import { SeedPool } from "./seed-pool.ts";

const pool = new SeedPool(availableParallelism());
afterAll(() => pool.close());

const seedsMax = 3_000;

/** Where each showed last is tried first, to save the search: a change of the core moves them. `npm run simulate -- --mutants --save` finds them all anew. */
const showedLast = readShowedLast();

/** Larger clusters take the search's time, not the tests'. */
const nodesMax = 5;

const cases = mutants.flatMap(({ name, bug, sizes }) =>
  sizes.flatMap((nodes) => {
    const last = showedLast[name]?.[nodes] ?? null;
    return last === null || nodes > nodesMax ? [] : [{ name, bug, nodes, last }];
  }),
);

describe("planted bugs", () => {
  it.each(cases)("$name with $nodes nodes ($bug): found", async ({ name, nodes, last }) => {
    const quick = (await catchMutant(pool, name, nodes, last, 1)).seed;
    const seed = quick ?? (await catchMutant(pool, name, nodes, 1, seedsMax)).seed;
    expect(seed, `no seed up to ${seedsMax} shows it`).not.toBeNull();
    // It is the bug that the oracle sees: the same run of the core as it is goes well.
    expect(runSeed(seed ?? 0, { nodes }).violations).toEqual([]);
  });

  it("each shows at some size, and FAILOVER.md says where", () => {
    const shown = new Set([...cases.map(({ name }) => name), ...scriptsBySize.map(({ mutant }) => mutant)]);
    expect(mutants.filter(({ name }) => !shown.has(name)).map(({ name }) => name)).toEqual([]);
    const document = readFileSync(resolve(import.meta.dirname, "../../shared/domain/failover/FAILOVER.md"), "utf8");
    expect(unpadded(document)).toContain(unpadded(plantedBugTable(showedLast)));
    expect(plantedBugTable(showedLast)).not.toContain("none");
  });
});
