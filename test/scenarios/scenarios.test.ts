import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runScenario } from "./run-scenario.ts";
import { scenarioFiles, scenarioScript, traceLine } from "./scenario-scripts.ts";

/** The first comment says what the scenario shows; below the line is the whole trace. */
describe("failover scenarios", () => {
  it("are all there", () => {
    expect(scenarioFiles.length).toBeGreaterThanOrEqual(18);
  });

  it.each(scenarioFiles)("%s", async (name) => {
    const script = scenarioScript(name);
    const trace = runScenario(script);
    expect(trace.filter((entry) => entry.includes("VIOLATION"))).toEqual([]);
    await expect(`${script.trimEnd()}\n\n${traceLine}\n${trace.join("\n")}\n`).toMatchFileSnapshot(join(import.meta.dirname, name));
  });
});
