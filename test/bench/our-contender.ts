import type { EventKind } from "../../shared/domain/monitoring/cluster-event.ts";
import { stays } from "../lab/expectations.ts";
import { agentFrozen } from "../lab/faults/agent-frozen.ts";
import { agentKilled } from "../lab/faults/agent-killed.ts";
import { blackHole } from "../lab/faults/black-hole.ts";
import { hostDies } from "../lab/faults/host-dies.ts";
import { linkCut } from "../lab/faults/link-cut.ts";
import { plannedSwitchover } from "../lab/faults/planned-switchover.ts";
import type { LabSite } from "../lab/lab-site.ts";
import { runScenario, type ScenarioResult } from "../lab/run-scenario.ts";
import type { Scenario } from "../lab/scenario.ts";
import { busy, busyMs, type Contender, type Sample, type Strike } from "./contender.ts";

const scenarioOf: Readonly<Record<Strike, Scenario>> = {
  "host-dies": hostDies,
  "link-cut": linkCut,
  "black-hole": blackHole,
  "planned-switchover": plannedSwitchover,
  "agent-killed": agentKilled,
  "agent-frozen": agentFrozen,
};

const machineBusy: Scenario = {
  name: busy,
  about: "Every processor and the disk are busy; nothing moves.",
  strike: (site) => {
    const load = site.load({ disk: true });
    return Promise.resolve(() => load.end());
  },
  watchedMs: busyMs,
  expects: stays(),
};
/** One of them is told whenever a group has moved. */
const movements: ReadonlySet<EventKind> = new Set(["group.takeover", "group.handover"]);

/** The lab's own cluster: what a scenario measures is a sample, whether or not it met what the lab expects. */
export class OurContender implements Contender {
  readonly #site: LabSite;

  constructor(site: LabSite) {
    this.#site = site;
  }

  async sample(strike: Strike): Promise<Sample> {
    const { silenceMs, bothAnswerMs, silenceAfterHealMs } = await this.#run(scenarioOf[strike]);
    return { silenceMs, bothAnswerMs, silenceAfterHealMs, falseTakeovers: null };
  }

  async busySample(): Promise<Sample> {
    const { silenceMs, bothAnswerMs, silenceAfterHealMs, told } = await this.#run(machineBusy);
    return { silenceMs, bothAnswerMs, silenceAfterHealMs, falseTakeovers: told.filter((kind) => movements.has(kind)).length };
  }

  async #run(scenario: Scenario): Promise<ScenarioResult> {
    const result = await runScenario(this.#site, scenario);
    for (const problem of result.problems) console.error(`  ${scenario.name}: ${problem}`);
    for (const line of result.trace) console.error(`    ${line}`);
    return result;
  }
}
