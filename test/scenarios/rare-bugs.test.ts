import { describe, expect, it } from "vitest";
import { mutants } from "../simulation/mutants.ts";
import { rareBugs } from "./rare-bugs.ts";
import { runScenario } from "./run-scenario.ts";
import { scriptsBySize } from "./scripts-by-size.ts";

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

const bySize = scriptsBySize.flatMap(({ mutant: name, rule, scriptFor }) => {
  const mutant = mutants.find((one) => one.name === name);
  if (mutant === undefined) throw new Error(`no planted bug is called ${name}`);
  return mutant.sizes.map((nodes) => ({ name, nodes, mutant, rule, script: scriptFor(nodes) }));
});

describe("planted bugs by a script at every size", () => {
  it.each(bySize)("$name with $nodes nodes: breaks $rule, and the core as it is goes through the same well", ({ mutant, rule, script }) => {
    expect(violationsIn(runScenario(script, mutant))[0]).toContain(`VIOLATION ${rule} `);
    expect(violationsIn(runScenario(script))).toEqual([]);
  });
});
