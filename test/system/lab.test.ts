import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandsOf, labsFor } from "../lab/lab-choice.ts";
import { LabSite } from "../lab/lab-site.ts";
import { labRefusal } from "../lab/requirements.ts";
import { runScenario } from "../lab/run-scenario.ts";
import { scenariosOfTheGate, scenariosOfTheTests } from "../lab/scenarios.ts";
import { namespaceNames } from "../lab/switch.ts";
import { neverTwo } from "../never-two.ts";
import { isGate } from "../setup/gate.ts";

const labs = await Promise.all(
  labsFor(isGate ? scenariosOfTheGate : scenariosOfTheTests, "default").map(async (shared) => ({
    ...shared,
    refusal: await labRefusal(commandsOf(shared.scenarios)),
  })),
);
for (const refusal of new Set(labs.map((lab) => lab.refusal))) {
  if (refusal !== null) console.warn(`Tests of the lab are skipped. ${refusal}`);
}

/* Three agents, or two and a witness, a control plane and a client on machines of their own (network namespaces), through one fault after the other. */
describe.each(labs)(
  "system: the lab, nodes $lab.groups.0.order, in place of a third $lab.inPlaceOfThird, timing $lab.timing, address $lab.groups.0.address, second network $lab.hasSecondNetwork, application $lab.application.name",
  ({ lab, scenarios, refusal }) => {
    let site: LabSite | undefined;

    // Five processes' starts, one enrolment after the other: a minute on a machine with one processor to spare.
    beforeAll(async () => {
      if (refusal === null) site = await LabSite.create({ ...lab, onProgress: () => {} });
    }, 300_000);
    afterAll(async () => {
      await site?.end();
      const left = (await namespaceNames()).filter((name) => site !== undefined && name.startsWith(site.runName));
      expect(left).toEqual([]);
    });

    it.skipIf(refusal !== null).each(scenarios)("$name: $about", async (scenario) => {
      if (site === undefined) throw new Error("there is no lab");
      const { problems } = await runScenario(site, scenario);
      expect(
        problems.filter((problem) => problem.startsWith(neverTwo)),
        neverTwo,
      ).toEqual([]);
      expect(problems).toEqual([]);
    });
  },
);
