import type { TimingProfileName } from "../../shared/domain/membership/cluster-document.ts";
import { oneGroup } from "./lab-group.ts";
import type { LabOptions } from "./lab-site.ts";
import type { Scenario } from "./scenario.ts";

export interface SharedLab {
  readonly lab: Pick<LabOptions, "timing" | "groups" | "hasSecondNetwork">;
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

function labFor({ timing, family, hasSecondNetwork }: Scenario, usualTiming: TimingProfileName): SharedLab["lab"] {
  return { timing: timing ?? usualTiming, groups: oneGroup[family ?? 4], hasSecondNetwork: hasSecondNetwork === true };
}
