import { expect, it } from "vitest";
import { runSeed } from "./run-seed.ts";

const seeds = 12;

it(`${seeds} seeds with the control plane as the witness, over a slow and lossy way: never two, and every group recovers`, () => {
  const runs = Array.from({ length: seeds }, (_, index) => runSeed(index + 1, { hasCloudWitness: true }));
  const failed = runs.flatMap(({ seed, violations }) => violations.map(({ rule, what }) => `seed ${seed}: ${rule}, ${what}`));
  expect(failed).toEqual([]);
  const counted = (situation: string): number => runs.filter(({ situations }) => situations[situation] !== undefined).length;
  expect(counted("a promise of the control plane")).toBeGreaterThan(seeds / 2);
  expect(counted("an answer of the control plane that was lost")).toBeGreaterThan(seeds / 4);
}, 60_000);

/** A voter on the control plane must be like any other after a restored snapshot: what it says is heard, though the core remembers more of it. */
it("seed 297: after a snapshot was restored with its memory the witness's word counted as overtaken for ever", () => {
  expect(runSeed(297, { hasCloudWitness: true }).violations).toEqual([]);
});
