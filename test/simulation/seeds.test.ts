import { availableParallelism } from "node:os";
import { afterAll, expect, it } from "vitest";
import { transitionTable } from "../../shared/domain/failover/transition-table.ts";
import { runSeed } from "./run-seed.ts";
import { runSeeds } from "./search.ts";
import { SeedPool } from "./seed-pool.ts";

/** Every way from one state to another that the table knows. */
function edgesOfTheTable(): readonly string[] {
  return transitionTable.flatMap(({ from, to }) => from.flatMap((state) => (state === to ? [] : [`${state} -> ${to}`])));
}
const claims = ["claimed by operator", "claimed by probe"];
const lostForGood = ["dead", "cut off", "deaf", "mute"].map((fate) => `lost for good: ${fate}`);

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
  const neverSeen = [...edgesOfTheTable(), ...lostForGood, ...claims].filter((situation) => summary.situations[situation] === undefined);
  expect(neverSeen).toEqual([]);
});

it("the same seed gives the same run: one in fifty is run twice", () => {
  for (let seed = 1; seed <= 1_000; seed += 50) expect(runSeed(seed).fingerprint, `seed ${seed}`).toBe(runSeed(seed).fingerprint);
});
