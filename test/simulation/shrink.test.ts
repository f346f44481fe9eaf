import { expect, it } from "vitest";
import { mutants } from "./mutants.ts";
import { runSeed } from "./run-seed.ts";
import { shrink } from "./shrink.ts";

it("a run that breaks a rule is shrunk to the few faults that it takes, which break it again", () => {
  const mutant = mutants.find(({ name }) => name === "no-majority") ?? null;
  const seed =
    Array.from({ length: 100 }, (_, index) => index + 1).find((one) => runSeed(one, { mutant, nodes: 3 }).violations.length > 0) ?? 0;
  const shrunk = shrink(seed, { mutant, nodes: 3 });
  expect(shrunk?.rule).toBe("S1");
  expect(shrunk?.only.length).toBeLessThanOrEqual(4);
  const again = runSeed(seed, { mutant, nodes: 3, without: shrunk?.without ?? [], only: shrunk?.only ?? [] });
  expect(again.violations[0]).toMatchObject({ rule: "S1", verdict: "unsafe" });
  expect(again.faultIds).toEqual(shrunk?.only);
  expect(shrink(seed, { mutant: null, nodes: 3 }), "the core as it is").toBeNull();
});
