import { availableParallelism } from "node:os";
import { expect, it } from "vitest";
import { searched } from "../../setup/gate.ts";
import { runSeed } from "./run-seed.ts";
import { runOnThreads } from "./seed-threads.ts";

const seeds = searched.replicationSeeds;

it(`${seeds} seeds of the production exchange and merge: nothing is lost, twice, half or out of order, and all replicas end equal`, async () => {
  const totals = await runOnThreads(availableParallelism(), { first: 1, last: seeds, nodes: undefined, mutant: null });
  const hint = totals.failed
    .map(({ seed, violation }) => `npm run simulate:replication -- --seed ${seed}   # ${violation.rule}: ${violation.what}`)
    .join("\n");
  expect(totals.failed, hint).toEqual([]);
  // A simulation in which nothing happens would find nothing.
  expect(totals.seeds).toBe(seeds);
  expect(totals.writes).toBeGreaterThan(50 * seeds);
  expect(totals.conflicts).toBeGreaterThan(50 * seeds);
  expect(totals.faults).toBeGreaterThan(5 * seeds);
});

it("the same seed gives the same run: one in a hundred is run twice", () => {
  for (let seed = 1; seed <= seeds; seed += 100) expect(runSeed(seed).fingerprint, `seed ${seed}`).toBe(runSeed(seed).fingerprint);
});
