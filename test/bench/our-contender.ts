import type { EventKind } from "../../shared/domain/monitoring/cluster-event.ts";
import { stays } from "../lab/expectations.ts";
import { agentFrozen } from "../lab/faults/agent-frozen.ts";
import { agentKilled } from "../lab/faults/agent-killed.ts";
import { blackHole } from "../lab/faults/black-hole.ts";
import { holderUnheard } from "../lab/faults/holder-unheard.ts";
import { hostDies } from "../lab/faults/host-dies.ts";
import { linkCut } from "../lab/faults/link-cut.ts";
import { plannedSwitchover } from "../lab/faults/planned-switchover.ts";
import type { LabSite } from "../lab/lab-site.ts";
import { runScenario } from "../lab/run-scenario.ts";
import { nothingToHeal, type Scenario } from "../lab/scenario.ts";
import { type BenchScenario, busy, busyMs, type Contender, type Pace, type Sample } from "./contender.ts";

const machineBusy: Scenario = {
  name: busy,
  about: "Every processor and the disk are busy; nothing moves.",
  strike: () => Promise.resolve(nothingToHeal),
  watchedMs: busyMs,
  expects: stays(),
};

const scenarioOf: Readonly<Record<BenchScenario, Scenario>> = {
  "host-dies": hostDies,
  "link-cut": linkCut,
  "black-hole": blackHole,
  "one-way-loss": holderUnheard,
  "planned-switchover": plannedSwitchover,
  "agent-killed": agentKilled,
  "agent-frozen": agentFrozen,
  [busy]: machineBusy,
};
/** One of them is told whenever a group has moved. */
const movements: ReadonlySet<EventKind> = new Set(["group.takeover", "group.handover"]);

/** The lab's own cluster: what a scenario measures is a sample, whether or not it met what the lab expects. */
export class OurContender implements Contender {
  readonly #site: LabSite;

  constructor(site: LabSite) {
    this.#site = site;
  }

  async sample(name: BenchScenario, pace: Pace): Promise<Sample> {
    const result = await runScenario(this.#site, scenarioOf[name], pace);
    for (const problem of result.problems) console.error(`  ${name}: ${problem}`);
    for (const line of result.trace) console.error(`    ${line}`);
    const { silenceMs, bothAnswerMs, silenceAfterHealMs, told } = result;
    const falseTakeovers = name === busy ? told.filter((kind) => movements.has(kind)).length : null;
    return { silenceMs, bothAnswerMs, silenceAfterHealMs, falseTakeovers };
  }
}
