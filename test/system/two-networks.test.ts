import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bothPathsCut } from "../lab/faults/both-paths-cut.ts";
import { onePathCut } from "../lab/faults/one-path-cut.ts";
import { secondPath } from "../lab/lab-host.ts";
import { LabSite } from "../lab/lab-site.ts";
import { labRefusal } from "../lab/requirements.ts";
import { runScenario } from "../lab/run-scenario.ts";

const refusal = await labRefusal();
if (refusal !== null) console.warn(`The test with two networks is skipped. ${refusal}`);

/* Three agents with two networks between them, each with a switch of its own. */
describe.skipIf(refusal !== null)("system: two networks", () => {
  let site: LabSite | undefined;

  beforeAll(async () => {
    site = await LabSite.create({ timing: "default", hasSecondNetwork: true, onProgress: () => {} });
  });
  afterAll(() => site?.end());

  it("every node is heard on both, and says so", async () => {
    const { holder } = (await site?.healthy(30_000)) ?? {};
    await expect
      .poll(async () => (await holder?.status())?.peers.flatMap(({ paths }) => paths.map(({ name, heard }) => `${name} ${heard}`)))
      .toEqual(["main true", `${secondPath} true`, "main true", `${secondPath} true`]);
  });

  it.each([onePathCut, bothPathsCut])("$name: $about", async (scenario) => {
    if (site === undefined) throw new Error("there is no lab");
    const result = await runScenario(site, scenario);
    console.log(`${scenario.name}: silent for ${result.silenceMs.toFixed(0)} ms; told: ${result.told.join(", ")}`);
    expect(result).toMatchObject({ problems: [], bothAnswerMs: 0 });
  });
});
