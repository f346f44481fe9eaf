import { agentFrozen } from "../lab/faults/agent-frozen.ts";
import { agentKilled } from "../lab/faults/agent-killed.ts";
import { blackHole } from "../lab/faults/black-hole.ts";
import { hostDies } from "../lab/faults/host-dies.ts";
import { linkCut } from "../lab/faults/link-cut.ts";
import { plannedSwitchover } from "../lab/faults/planned-switchover.ts";
import type { LabSite } from "../lab/lab-site.ts";
import { runScenario } from "../lab/run-scenario.ts";
import type { Scenario } from "../lab/scenario.ts";
import type { BenchScenario, Contender, Sample } from "./contender.ts";

const scenarioOf: Readonly<Record<BenchScenario, Scenario>> = {
  "host-dies": hostDies,
  "link-cut": linkCut,
  "black-hole": blackHole,
  "planned-switchover": plannedSwitchover,
  "agent-killed": agentKilled,
  "agent-frozen": agentFrozen,
};

/** The lab's own cluster: what a scenario measures is a sample, whether or not it met what the lab expects. */
export class OurContender implements Contender {
  readonly #site: LabSite;

  constructor(site: LabSite) {
    this.#site = site;
  }

  async sample(scenario: BenchScenario): Promise<Sample> {
    const { silenceMs, bothAnswerMs, silenceAfterHealMs, problems, trace } = await runScenario(this.#site, scenarioOf[scenario]);
    for (const problem of problems) console.error(`  ${scenario}: ${problem}`);
    for (const line of trace) console.error(`    ${line}`);
    return { silenceMs, bothAnswerMs, silenceAfterHealMs };
  }
}
