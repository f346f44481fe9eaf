import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { diagramOf, stateTable, transitionRows } from "../../../../shared/domain/failover/diagram.ts";
import { type GroupStateName, groupStates, holdingStates } from "../../../../shared/domain/failover/group-states.ts";
import { transitionTable } from "../../../../shared/domain/failover/transition-table.ts";
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

  it.each([
    ["states", stateTable()],
    ["diagram", `\`\`\`mermaid\n${diagramOf(transitionTable)}\n\`\`\``],
    ["rows", transitionRows(transitionTable)],
  ])("FAILOVER.md shows the %s as they are", (_part, generated) => {
    const document = readFileSync(resolve(import.meta.dirname, "../../../../shared/domain/failover/FAILOVER.md"), "utf8");
    expect(unpadded(document)).toContain(unpadded(generated));
  });
});
