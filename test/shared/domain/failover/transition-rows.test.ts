import { expect, it } from "vitest";
import { transitionTable } from "../../../../shared/domain/failover/transition-table.ts";
import { runScenario } from "../../../scenarios/run-scenario.ts";
import { scenarioScripts } from "../../../scenarios/scenario-scripts.ts";
import { patience } from "../../../setup/patience.ts";
import { runSeed } from "../../../simulation/run-seed.ts";

it("no row of the transition table is dead: a scenario or a seed takes each, but the one that only a broken guardian can need", {
  timeout: 60_000 * patience,
}, () => {
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
