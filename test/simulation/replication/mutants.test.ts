import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { describe, expect, it } from "vitest";
import { unpadded } from "../../unpadded.ts";
import { mutants } from "./mutants.ts";
import { documentFile, plantedBugTable, readShowedLast } from "./planted-bugs.ts";
import { runSeed } from "./run-seed.ts";
import { runOnThreads } from "./seed-threads.ts";
import { shrink } from "./shrink.ts";

/** Tried first, to save the search. `npm run simulate:replication -- --mutants --save` finds them anew. */
const showedLast = readShowedLast();
const seedsMax = 1_500;

async function firstSeedThatShows(mutant: string): Promise<number | undefined> {
  const last = showedLast[mutant];
  if (typeof last === "number" && (await runOnThreads(1, { first: last, last, nodes: undefined, mutant })).failed.length > 0) return last;
  return (await runOnThreads(availableParallelism(), { first: 1, last: seedsMax, nodes: undefined, mutant })).failed[0]?.seed;
}

describe("planted bugs", () => {
  it.each(mutants)("$name ($bug): found", async ({ name }) => {
    const seed = await firstSeedThatShows(name);
    expect(seed, `no seed up to ${seedsMax} shows it`).toBeDefined();
    // It is the bug that the oracle sees: the same run of the core as it is goes well.
    expect(runSeed(seed ?? 0).violations).toEqual([]);
  });

  it("REPLICATION.md says where each shows", () => {
    expect(unpadded(readFileSync(documentFile, "utf8"))).toContain(unpadded(plantedBugTable(showedLast)));
  });
});

it("a run that breaks a rule is shrunk to the few faults that it takes, which break it again", () => {
  const mutant = mutants.find(({ name }) => name === "half-open-kept") ?? null;
  const seed = showedLast["half-open-kept"] ?? 0;
  const shrunk = shrink(seed, { mutant });
  expect(shrunk?.only.length).toBeLessThanOrEqual(4);
  const again = runSeed(seed, { mutant, without: shrunk?.without ?? [], only: shrunk?.only ?? [] });
  expect(again.violations[0]?.rule).toBe(shrunk?.rule);
  expect(shrink(1, {}), "the core as it is").toBeNull();
});
