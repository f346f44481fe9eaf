import type { TimingProfileName } from "../../shared/domain/membership/cluster-document.ts";
import { groupOfTwo, oneGroup } from "./lab-group.ts";
import type { LabOptions } from "./lab-site.ts";
import type { ClusterShape, Scenario } from "./scenario.ts";

type LabChoice = Omit<LabOptions, "onProgress" | "interrupted">;

export interface SharedLab {
  readonly lab: LabChoice;
  readonly scenarios: readonly Scenario[];
}

/** As few labs as the scenarios ask for, and who shares each, in the order given. */
export function labsFor(scenarios: readonly Scenario[], timing: TimingProfileName): SharedLab[] {
  const labs = new Map<string, SharedLab>();
  for (const scenario of scenarios) {
    const lab = labFor(scenario, timing);
    const key = JSON.stringify(lab);
    labs.set(key, { lab, scenarios: [...(labs.get(key)?.scenarios ?? []), scenario] });
  }
  return [...labs.values()];
}

/** Commands that the scenarios' applications need, with their Debian packages. */
export function commandsOf(scenarios: readonly Scenario[]): Readonly<Record<string, string>> {
  return Object.assign({}, ...scenarios.map(({ application }) => application?.commands ?? {})) as Record<string, string>;
}

function labFor(scenario: Scenario, usualTiming: TimingProfileName): LabChoice {
  const { timing, family, hasSecondNetwork, application, cluster = "three nodes" } = scenario;
  const nodes: Readonly<Record<ClusterShape, Pick<LabOptions, "groups" | "inPlaceOfThird">>> = {
    "three nodes": { groups: oneGroup[family ?? 4] },
    "two nodes and a witness": { groups: groupOfTwo, inPlaceOfThird: "witness" },
    "two nodes and the cloud": { groups: groupOfTwo, inPlaceOfThird: "cloud witness" },
    "two nodes, survivor": { groups: groupOfTwo, inPlaceOfThird: "survivor" },
    "two nodes, probe": { groups: groupOfTwo, inPlaceOfThird: "probe" },
  };
  const runs = application === undefined ? {} : { application };
  return { timing: timing ?? usualTiming, hasSecondNetwork: hasSecondNetwork === true, ...runs, ...nodes[cluster] };
}
