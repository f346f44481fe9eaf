import { describe, expect, it } from "vitest";
import { rareBugs } from "./rare-bugs.ts";
import { runScenario } from "./run-scenario.ts";

function violationsIn(trace: readonly string[]): readonly string[] {
  return trace.filter((line) => line.includes("VIOLATION"));
}

describe("planted bugs that need a script", () => {
  it.each(rareBugs)("$mutant.name ($mutant.bug): breaks $rule", ({ mutant, rule, script }) => {
    expect(violationsIn(runScenario(script, { ...mutant, sizes: [] }))[0]).toContain(`VIOLATION ${rule} `);
  });

  it.each(rareBugs)("$mutant.name: the core as it is goes through the same well", ({ script }) => {
    expect(violationsIn(runScenario(script))).toEqual([]);
  });
});
