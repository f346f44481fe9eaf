import type { ClusterDocument, DataSet, PriorityGroup } from "../membership/cluster-document.ts";
import { nameOfTiming } from "../membership/timing-profile.ts";
import type { Trigger } from "../triggers/trigger.ts";

/** What a cluster document says, by the path of each setting (config/cluster-settings.ts): one value, or one for each group, data set and trigger, after its name. What it does not say is not there. */
export function settingsInForce({
  timing,
  whenAlone,
  cloudWitness,
  groups,
  dataSets,
  triggers = [],
}: ClusterDocument): Readonly<Record<string, readonly string[]>> {
  const said: readonly Said[] = [
    ["timing", nameOfTiming(timing)],
    ...(typeof timing === "string" ? [] : timingParts(timing)),
    ["whenAlone", whenAlone],
    ["cloudWitness", cloudWitness],
    ...groups.flatMap(ofGroup),
    ...dataSets.flatMap(ofDataSet),
    ...triggers.flatMap(ofTrigger),
  ];
  const inForce: Record<string, string[]> = {};
  for (const [path, value] of said) {
    if (value === undefined) continue;
    inForce[path] = [...(inForce[path] ?? []), value];
  }
  return inForce;
}

/** A path, and what is said there; undefined: nothing. */
type Said = readonly [path: string, value: string | undefined];

function timingParts({
  leaseMs,
  heartbeatIntervalMs,
  suspectAfterMs,
  rankDelayMs,
}: Exclude<ClusterDocument["timing"], string>): readonly Said[] {
  return [
    ["timing.leaseMs", String(leaseMs)],
    ["timing.heartbeatIntervalMs", String(heartbeatIntervalMs)],
    ["timing.suspectAfterMs.least", String(suspectAfterMs.least)],
    ["timing.suspectAfterMs.usual", String(suspectAfterMs.usual)],
    ["timing.suspectAfterMs.most", String(suspectAfterMs.most)],
    ["timing.rankDelayMs", String(rankDelayMs)],
  ];
}

function ofGroup({ name, order, resources, failback, swapOnReset }: PriorityGroup): readonly Said[] {
  const at = (path: string, value: string | number | boolean | undefined): Said => [
    `groups.NAME.${path}`,
    value === undefined ? undefined : `${name}: ${value}`,
  ];
  return [
    at("order", order.length),
    at("resources", resources.length),
    at("failback.mode", failback.mode),
    at("failback.stableForMs", failback.mode === "automatic" ? failback.stableForMs : undefined),
    at("swapOnReset", swapOnReset),
    ...resources.flatMap((resource) =>
      "ttlSeconds" in resource ? [at("resources.NAME.ttlSeconds", `${resource.name} ${resource.ttlSeconds}`)] : [],
    ),
  ];
}

function ofDataSet(dataSet: DataSet): readonly Said[] {
  const at = (path: string, value: string | number | undefined): Said => [
    `dataSets.NAME.${path}`,
    value === undefined ? undefined : `${dataSet.name}: ${value}`,
  ];
  const kind = at("kind", dataSet.kind);
  if (dataSet.kind !== "sqlite") return [kind];
  const { local, conflicts = [], clock } = dataSet;
  return [
    kind,
    at("local", local.length),
    ...conflicts.map(({ table, policy }) => at("conflicts.policy", `${table} ${policy}`)),
    at("clock.whenSkewed", clock?.whenSkewed),
    at("clock.skewMsMax", clock?.skewMsMax),
  ];
}

function ofTrigger({ name, late, keptDays }: Trigger): readonly Said[] {
  return [
    ["triggers.NAME.late.withinSeconds", `${name}: ${late.withinSeconds}`],
    ["triggers.NAME.late.atMost", `${name}: ${late.atMost}`],
    ["triggers.NAME.keptDays", `${name}: ${keptDays}`],
  ];
}
