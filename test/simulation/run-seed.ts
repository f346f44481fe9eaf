import { quarantinedUntilUs } from "../../shared/domain/failover/quarantine-watch.ts";
import { leaseUsOf } from "../../shared/domain/failover/turn.ts";
import type { GroupName } from "../../shared/domain/ids.ts";
import { nameOfTiming } from "../../shared/domain/membership/timing-profile.ts";
import { ControlPlane } from "./control-plane.ts";
import { heal, scheduleFaults } from "./faults.ts";
import type { Host } from "./host.ts";
import type { Mutant } from "./mutant.ts";
import type { Violation } from "./oracle.ts";
import { scheduleReplication } from "./replication-workload.ts";
import type { SituationCounts } from "./situations.ts";
import { type FaultClass, faultClasses, type SwarmOptions, swarmOptions, withCloudWitness } from "./swarm.ts";
import { scheduleTakeovers } from "./takeovers.ts";
import { World } from "./world.ts";

export interface SeedResult {
  readonly seed: number;
  readonly nodes: number;
  readonly simulatedUs: number;
  readonly faults: number;
  readonly takeovers: number;
  readonly vainMax: number;
  readonly witnessRequests: number;
  readonly violations: readonly Violation[];
  /** Of the faults that happened, in their order: `crash 3` is the fourth of its class. */
  readonly faultIds: readonly string[];
  /** The same for the same seed and options, and for no other run (trail.ts). */
  readonly fingerprint: string;
  readonly situations: SituationCounts;
}

export interface RunOptions {
  readonly mutant?: Mutant | null;
  readonly nodes?: number | undefined;
  /** The control plane is the witness, of an even number of nodes. */
  readonly hasCloudWitness?: boolean | undefined;
  readonly without?: readonly FaultClass[];
  /** Of all faults that the seed draws only these, by their ids; absent: all of them. */
  readonly only?: readonly string[] | undefined;
  readonly trace?: (line: string) => void;
}

/** One run: everything in it follows from the seed. */
export function runSeed(seed: number, run: RunOptions = {}): SeedResult {
  const drawn = run.hasCloudWitness === true ? withCloudWitness(seed, run.nodes) : swarmOptions(seed, run.nodes);
  const options: SwarmOptions = { ...drawn, on: new Set([...drawn.on].filter((name) => run.without?.includes(name) !== true)) };
  const world = new World(options, run.mutant ?? null, run.trace ?? null);
  world.log(
    null,
    `seed ${seed}: ${options.nodes} nodes${options.hasWitness ? " and a witness" : ""}, whenAlone ${options.whenAlone}, ${nameOfTiming(options.documentTiming)}, ${options.groups.map(({ name, failback }) => `${name} ${failback}`).join(" ")}, ${faultClasses.filter((name) => options.on.has(name)).join(" ")}`,
  );
  const [first] = world.hosts;
  if (first === undefined) throw new Error("a cluster needs a node");
  for (const host of world.everyone) host.start();
  const cloud = new ControlPlane(world, first.document);
  cloud.run();
  scheduleFaults(world, run.only === undefined ? null : new Set(run.only));
  scheduleTakeovers(world);
  scheduleReplication(world);
  scheduleLooks(world);
  world.queue.at(options.healAtUs, () => heal(world, cloud.document));
  world.queue.at(options.endAtUs - 8 * options.timing.leaseMs * 1_000 - 2_500_000, () => {
    for (const group of world.groupNames) askForSwitchover(world, group);
  });
  pass(world, options.endAtUs);
  // A failback that fell due just now is no fault.
  if (isHandingOver(world)) pass(world, options.endAtUs + 4 * options.timing.leaseMs * 1_000);
  world.oracle.finish();
  const { oracle } = world;
  return {
    seed,
    nodes: options.nodes,
    simulatedUs: world.nowUs,
    faults: world.faultIds.length + world.documentChanges,
    takeovers: oracle.takeovers,
    vainMax: oracle.vainMax,
    witnessRequests: oracle.witnessRequests,
    violations: oracle.violations,
    faultIds: world.faultIds,
    fingerprint: world.trail.fingerprint,
    situations: world.situations.counts,
  };
}

/** True time goes on from event to event; the first violation ends the run. */
export function pass(world: World, endAtUs: number): void {
  while ((world.queue.nextAtUs ?? Number.POSITIVE_INFINITY) <= endAtUs) {
    const next = world.queue.next();
    if (next === undefined) break;
    world.nowUs = next.atUs;
    next.run();
    if (world.oracle.violations.length > 0) return;
  }
  world.nowUs = endAtUs;
}

function isHandingOver({ hosts, groupNames }: World): boolean {
  const moving = new Set(["handing-over", "draining"]);
  return hosts.some(({ state }) => groupNames.some((group) => moving.has(state?.groups[group]?.state ?? "")));
}

function scheduleLooks(world: World): void {
  const everyUs = Math.round((world.options.timing.leaseMs * 1_000) / 4);
  const look = (): void => {
    world.oracle.look();
    world.queue.at(world.nowUs + everyUs, look);
  };
  world.queue.at(everyUs, look);
}

function askForSwitchover(world: World, group: GroupName): void {
  const holder = world.holderOf(group);
  if (holder === undefined || holder.document.nodes.length < 2 || world.hosts.some(isFreshFromQuarantine)) return;
  world.oracle.of(group).expectQuickSwitchover(holder);
  holder.take({ type: "switchover", group, to: null, reason: "tried at the end" });
}

/** It is in quarantine, or was just now: what it says of itself, and what others know of it, has to settle before a switchover can be expected to be quick. */
function isFreshFromQuarantine({ state, localUs }: Host): boolean {
  return state !== null && localUs < quarantinedUntilUs(state) + leaseUsOf(state);
}
