import { availableParallelism } from "node:os";
import { afterAll, expect, it } from "vitest";
import { runSeed } from "./run-seed.ts";
import { runSeeds } from "./search.ts";
import { SeedPool } from "./seed-pool.ts";

const pool = new SeedPool(availableParallelism());
afterAll(() => pool.close());

it("1,000 seeds of the production core: never two nodes operational, no epoch goes back, every group recovers", async () => {
  const summary = await runSeeds(pool, { firstSeed: 1, seeds: 1_000 }, () => {});
  const hint = summary.failed
    .map(({ seed, violation }) => `npm run simulate -- --seed ${seed}   # ${violation.rule}: ${violation.what}`)
    .join("\n");
  expect(summary.failed, hint).toEqual([]);
  expect(summary).toMatchObject({ seeds: 1_000, unsafe: 0, notRecovered: 0 });
  // A simulator in which nothing happens would find nothing.
  expect(summary.faults).toBeGreaterThan(20_000);
  expect(summary.takeovers).toBeGreaterThan(5_000);
  expect(summary.witnessRequests).toBeGreaterThan(1_000);
});

it("the same seed gives the same run, line by line", () => {
  const runs = [1, 2].map(() => {
    const lines: string[] = [];
    for (let seed = 1; seed <= 5; seed += 1) runSeed(seed, { trace: (line) => lines.push(line) });
    return lines;
  });
  expect(runs[0]?.length).toBeGreaterThan(300);
  expect(runs[0]).toEqual(runs[1]);
});
