import { failoverSettings } from "../../shared/config/timing.ts";
import type { FailoverSettings } from "../../shared/domain/failover/failover-settings.ts";
import type { GroupName } from "../../shared/domain/ids.ts";
import type { TimingProfileName } from "../../shared/domain/membership/cluster-document.ts";
import { profileOf, type Timing, type TimingProfile } from "../../shared/domain/membership/timing-profile.ts";
import type { WhenAlone } from "../../shared/domain/membership/when-alone.ts";
import { SeededRandom } from "../../shared/domain/seeded-random.ts";
import { groupName, nodeIdOf, type SimulatedGroup, stableForMs } from "./cluster.ts";

/** Kinds of trouble; each is on or off for a whole seed, so that every mixture comes up (swarm testing). */
export const faultClasses = [
  "loss",
  "delay",
  "repeat",
  "partition",
  "one-way",
  "isolate",
  "crash",
  "power",
  "restart",
  "pause",
  "drift",
  "slow-start",
  "slow-stop",
  "start-failure",
  "health",
  "switchover",
  "membership",
  "rewind",
  "replication",
  "path-cut",
  "detach",
  "gateway",
  "lost-for-good",
  "machine-pause",
  "disk",
  "names",
  "guardian",
] as const;
export type FaultClass = (typeof faultClasses)[number];

/** Everything about one run that is drawn before it begins. */
export interface SwarmOptions {
  readonly seed: number;
  readonly nodes: number;
  /** Preferred in the order of their names; else in any order. */
  readonly isOrdered: boolean;
  /** A further voter on a machine of its own, for an even number of nodes. */
  readonly hasWitness: boolean;
  /** The control plane is that voter. */
  readonly hasCloudWitness?: boolean;
  /** What two nodes without a third voter do when they lose each other. */
  readonly whenAlone: WhenAlone;
  /** As the document says it: a profile's name, or timings of the cluster's own. */
  readonly documentTiming: Timing;
  readonly timing: TimingProfile;
  readonly groups: readonly SimulatedGroup[];
  readonly settings: FailoverSettings;
  /** Networks beside the first one. */
  readonly furtherPaths: number;
  readonly on: ReadonlySet<FaultClass>;
  readonly lossRate: number;
  readonly repeatRate: number;
  readonly meanDelayUs: number;
  readonly driftMax: number;
  /** Every message through the real codec. */
  readonly isEncoded: boolean;
  /** Faults until here, then everything is healed. */
  readonly healAtUs: number;
  readonly endAtUs: number;
  /** Mean time between two faults of one class. */
  readonly faultEveryUs: number;
}

const millisecond = 1_000;

/** Policies that go by minutes and hours, so quick that a run or a scenario sees them begin and end. */
export const hastySettings: FailoverSettings = {
  ...failoverSettings,
  flapGuard: { movesMax: 3, withinMs: 10_000 },
  quarantine: { leaves: 3, withinMs: 20_000, forMs: 12_000 },
  failbackWaitMsMax: 4_000,
};

export function swarmOptions(seed: number, nodes?: number): SwarmOptions {
  const random = new SeededRandom(seed, "swarm");
  const drawnNodes = random.pick([2, 3, 3, 3, 5, 5, random.between(2, 8)]);
  const named = random.pick<TimingProfileName>(["default", "default", "default", "fast", "fast", "patient"]);
  const documentTiming = drawnTiming(seed) ?? named;
  const timing = profileOf(documentTiming, failoverSettings.profiles);
  const drawnElsewhere: ReadonlySet<FaultClass> = new Set(["path-cut", "detach", "gateway", "machine-pause", "disk", "names", "guardian"]);
  const on = new Set(faultClasses.filter((name) => !drawnElsewhere.has(name) && random.chance(0.6)));
  const furtherPaths = drawnFurtherPaths(seed);
  if (furtherPaths > 0) on.add("path-cut");
  // Long promises make long runs, and those without them stay as they were.
  if (new SeededRandom(seed, "detach").chance(0.3)) on.add("detach");
  const whenAlone = (nodes ?? drawnNodes) === 2 ? drawnWhenAlone(seed) : "stop";
  if (whenAlone === "probe" && new SeededRandom(seed, "gateway").chance(0.5)) on.add("gateway");
  if (new SeededRandom(seed, "machine-pause").chance(0.15)) on.add("machine-pause");
  if (new SeededRandom(seed, "disks").chance(0.25)) on.add("disk");
  if (new SeededRandom(seed, "names").chance(0.25)) on.add("names");
  if (new SeededRandom(seed, "guardians").chance(0.25)) on.add("guardian");
  const leaseUs = timing.leaseMs * millisecond;
  const lossRate = on.has("loss") ? random.pick([0.01, 0.05, 0.1, 0.3]) : 0;
  const slowMeanUs = random.pick([0.005, 0.02, 0.08, 0.25]) * leaseUs;
  const isEncoded = random.chance(0.03);
  const healAtUs = 40 * leaseUs;
  const settleUs = failoverSettings.leaseMsMax * 2 * millisecond + 12 * leaseUs + 2 * stableForMs * millisecond;
  return {
    seed,
    nodes: nodes ?? drawnNodes,
    isOrdered: false,
    hasWitness: (nodes ?? drawnNodes) % 2 === 0 && new SeededRandom(seed, "witness").chance(0.6),
    whenAlone,
    documentTiming,
    timing,
    groups: [
      { name: groupName, failback: random.chance(0.5) ? "automatic" : "manual", preference: null },
      ...furtherGroups(seed, nodes ?? drawnNodes),
    ],
    settings: new SeededRandom(seed, "policies").chance(0.5) ? failoverSettings : hastySettings,
    furtherPaths,
    on,
    lossRate,
    repeatRate: on.has("repeat") ? random.pick([0.01, 0.1]) : 0,
    meanDelayUs: on.has("delay") ? slowMeanUs : millisecond / 2,
    driftMax: on.has("drift") ? 0.01 : 0,
    isEncoded,
    healAtUs,
    endAtUs: healAtUs + settleUs + (on.has("detach") ? failoverSettings.longPromiseMsMax * millisecond : 0),
    faultEveryUs: random.pick([4, 8, 16]) * leaseUs,
  };
}

/** As that seed, with an even number of nodes whose witness is the control plane. */
export function withCloudWitness(seed: number, nodes?: number): SwarmOptions {
  const drawn = swarmOptions(seed, nodes ?? new SeededRandom(seed, "cloud witness").pick([2, 2, 2, 4, 6]));
  const on = new Set([...drawn.on].filter((name) => name !== "gateway"));
  return { ...drawn, on, hasWitness: false, hasCloudWitness: true, whenAlone: "stop" };
}

function drawnWhenAlone(seed: number): WhenAlone {
  const goesOn = new SeededRandom(seed, "when alone").pick([false, true, true]);
  if (!goesOn) return "stop";
  return new SeededRandom(seed, "probe").chance(0.5) ? "probe" : "survivor";
}

/** Now and then a cluster has timings of its own, anywhere within the rules. */
export function drawnTiming(seed: number): TimingProfile | null {
  const random = new SeededRandom(seed, "own timing");
  if (!random.chance(0.1)) return null;
  const heartbeatIntervalMs = random.between(50, 400);
  const leaseMsMin = Math.ceil((3 * heartbeatIntervalMs + 53) / 0.73);
  const leaseMs = random.between(leaseMsMin, Math.min(3 * leaseMsMin, failoverSettings.leaseMsMax));
  const [least, most] = [3 * heartbeatIntervalMs, leaseMs - 1];
  const rankDelayMs = random.between(Math.ceil(leaseMs / 20), Math.floor((1.5 * leaseMs) / 8));
  return { leaseMs, heartbeatIntervalMs, suspectAfterMs: { least, usual: random.between(least, most), most }, rankDelayMs };
}

/** Drawn by itself, so that everything else in a run is as it would be with one network. */
function drawnFurtherPaths(seed: number): number {
  return new SeededRandom(seed, "paths").pick([0, 0, 0, 0, 1, 1, 2]);
}

/** Up to three groups beside the first, each with an order and a failback of its own; some leave a node out. */
function furtherGroups(seed: number, nodes: number): readonly SimulatedGroup[] {
  const random = new SeededRandom(seed, "groups");
  const names = ["second", "third", "fourth"].slice(0, random.pick([0, 0, 0, 0, 1, 1, 2, 3]));
  const ids = Array.from({ length: nodes }, (_, index) => nodeIdOf(index));
  return names.map((name) => {
    const preference = random.shuffled(ids).slice(0, nodes > 2 && random.chance(0.2) ? -1 : nodes);
    return { name: name as GroupName, failback: random.chance(0.5) ? "automatic" : "manual", preference };
  });
}

/** Whether messages arrive so surely and quickly that two nodes count as able to talk (L1, L2). */
export function isNetworkGood(options: SwarmOptions): boolean {
  return options.lossRate === 0 && options.meanDelayUs * 20 <= options.timing.leaseMs * millisecond;
}
