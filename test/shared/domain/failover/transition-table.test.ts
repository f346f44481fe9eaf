import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { diagramOf, stateTable, transitionRows } from "../../../../shared/domain/failover/diagram.ts";
import { type GroupStateName, groupStates, holdingStates } from "../../../../shared/domain/failover/group-states.ts";
import { transitionTable } from "../../../../shared/domain/failover/transition-table.ts";
import { runScenario } from "../../../scenarios/run-scenario.ts";
import { scenarioScripts } from "../../../scenarios/scenario-scripts.ts";
import { runSeed } from "../../../simulation/run-seed.ts";
import { unpadded } from "../../../unpadded.ts";

const names = Object.keys(groupStates) as GroupStateName[];
const nextOf = (from: GroupStateName): GroupStateName[] =>
  transitionTable.filter((row) => row.from.includes(from) && row.to !== from).map((row) => row.to);

function reachableFrom(start: GroupStateName): Set<GroupStateName> {
  const seen = new Set<GroupStateName>([start]);
  for (const state of seen) for (const next of nextOf(state)) seen.add(next);
  return seen;
}

describe("the transition table", () => {
  it.each(names)("%s can be reached from the start, and every other state from it (L4)", (name) => {
    expect(reachableFrom("just-started")).toContain(name);
    expect([...reachableFrom(name)].toSorted()).toEqual(names.toSorted());
  });

  it.each(names)("%s can be left by time alone: it waits for no answer for ever (L4)", (name) => {
    expect(transitionTable.some((row) => row.from.includes(name) && row.on === "time" && row.to !== name)).toBe(true);
  });

  it("resources are only ever started under a lease, and a lease is only ever won by asking", () => {
    const intoHolding = transitionTable.filter((row) => holdingStates.has(row.to) && row.from.some((from) => !holdingStates.has(from)));
    expect(intoHolding.map((row) => [row.from, row.to])).toEqual([[["asking"], "starting"]]);
  });

  it("from a state with resources up, no way leads past stopping them", () => {
    const up: readonly GroupStateName[] = ["starting", "operational"];
    const out = transitionTable.filter((row) => row.from.some((from) => up.includes(from)) && !up.includes(row.to)).map((row) => row.to);
    expect([...new Set(out)].toSorted()).toEqual(["handing-over", "stepping-down"]);
  });

  it("no row is dead: a scenario or a seed takes each, but the one that only a broken guardian can need", { timeout: 60_000 }, () => {
    const unused = new Set(transitionTable);
    const restore = transitionTable.map((row) => {
      const { act } = row;
      Object.assign(row, {
        act: (scene: Parameters<typeof act>[0]) => {
          unused.delete(row);
          act(scene);
        },
      });
      return () => Object.assign(row, { act });
    });
    for (const script of scenarioScripts()) runScenario(script);
    for (let seed = 1; seed <= 60 && unused.size > 1; seed += 1) runSeed(seed);
    for (const undo of restore) undo();
    expect([...unused].map((row) => `${row.from.join("|")} -> ${row.to}: ${row.when}`)).toEqual([
      // Tried in step.test.ts.
      "handing-over -> stepping-down: its resources did not stop in time",
    ]);
  });

  it.each([
    ["states", stateTable()],
    ["diagram", `\`\`\`mermaid\n${diagramOf(transitionTable)}\n\`\`\``],
    ["rows", transitionRows(transitionTable)],
  ])("FAILOVER.md shows the %s as they are", (_part, generated) => {
    const document = readFileSync(resolve(import.meta.dirname, "../../../../shared/domain/failover/FAILOVER.md"), "utf8");
    expect(unpadded(document)).toContain(unpadded(generated));
  });
});
