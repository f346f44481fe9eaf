import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { agentFrozen } from "../lab/faults/agent-frozen.ts";
import { agentKilled } from "../lab/faults/agent-killed.ts";
import { blackHole } from "../lab/faults/black-hole.ts";
import { holderUnheard } from "../lab/faults/holder-unheard.ts";
import { hostDies } from "../lab/faults/host-dies.ts";
import { LabSite } from "../lab/lab-site.ts";
import { labRefusal } from "../lab/requirements.ts";
import { runScenario } from "../lab/run-scenario.ts";
import { namespaceNames } from "../lab/switch.ts";

const refusal = await labRefusal();
if (refusal !== null) console.warn(`The lab's tests are skipped. ${refusal}`);

/* Three agents, a control plane and a client on machines of their own (network namespaces), through one fault after the other. */
describe.skipIf(refusal !== null)("system: the lab", () => {
  let site: LabSite | undefined;

  beforeAll(async () => {
    site = await LabSite.create({ timing: "default", onProgress: () => {} });
  });
  afterAll(async () => {
    await site?.end();
    const left = (await namespaceNames()).filter((name) => site !== undefined && name.startsWith(site.runName));
    expect(left).toEqual([]);
  });

  it.each([holderUnheard, blackHole, agentFrozen, agentKilled, hostDies])("$name: $about", async (scenario) => {
    if (site === undefined) throw new Error("there is no lab");
    expect(await runScenario(site, scenario)).toMatchObject({ problems: [], bothAnswerMs: 0 });
  });
});
