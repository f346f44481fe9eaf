import { gatewayId, groupName } from "../simulation/cluster.ts";
import { ControlPlane } from "../simulation/control-plane.ts";
import { heal } from "../simulation/faults.ts";
import type { Host } from "../simulation/host.ts";
import { pass } from "../simulation/run-seed.ts";
import { World } from "../simulation/world.ts";
import { calmOptions } from "./run-scenario.ts";

/** What has happened to a healthy cluster, all at one instant. */
export interface Situation {
  readonly cluster: keyof typeof clusters;
  readonly killed: "nobody" | "the holder" | "a standby";
  readonly link: keyof typeof links;
  readonly witness: "well" | "dead" | "none";
  readonly cloud: "well" | "cut";
}

/** As the first line of a scenario has it. */
const clusters = {
  "two nodes and a witness": "2 witness",
  "three nodes": "3",
  "two nodes, `stop`": "2",
  "two nodes, `survivor`": "2 survivor",
  "two nodes, `probe`": "2 probe",
} as const;

const links = {
  whole: () => [],
  "cut between the nodes": (world: World) => world.hosts,
  "the holder's cable pulled": (world: World) => world.everyone,
} satisfies Readonly<Record<string, (world: World) => readonly Host[]>>;

export interface Outcome {
  /** Who runs the group while that lasts. */
  readonly runs: "the holder" | "another" | "both" | "nobody";
  /** From the fault until it ran again, milliseconds of true time; null where it never stopped, or does not run. */
  readonly downMs: number | null;
  /** Where nobody runs it: whether an operator can have it run at once. */
  readonly operatorCan: boolean;
  /** What the running agents say of the group then. */
  readonly said: readonly string[];
  /** Everything healed, and the dead started again: who runs it in the end. */
  readonly runsAfter: "the holder" | "another" | "nobody";
  readonly violations: readonly string[];
}

const second = 1_000_000;
const healthyUs = 5 * second;
const watchedUs = 6 * second;
const operatorUs = second;
const healedUs = 12 * second;

/** Every combination that can be told apart in its cluster. */
export function allSituations(): readonly Situation[] {
  const found: Situation[] = [];
  for (const cluster of Object.keys(clusters) as Situation["cluster"][]) {
    const hasWitness = clusters[cluster].includes("witness");
    const asksGateway = clusters[cluster].includes("probe");
    for (const killed of ["nobody", "the holder", "a standby"] as const)
      for (const link of Object.keys(links) as Situation["link"][])
        for (const witness of hasWitness ? (["well", "dead"] as const) : (["none"] as const))
          for (const cloud of ["well", "cut"] as const) {
            // Without a witness or a gateway that is asked there is nothing else at the end of the holder's cable.
            if (!hasWitness && !asksGateway && link === "cut between the nodes") continue;
            found.push({ cluster, killed, link, witness, cloud });
          }
  }
  return found;
}

export function outcomeOf(situation: Situation): Outcome {
  const calm = calmOptions(clusters[situation.cluster].split(" "));
  const world = new World({ ...calm, healAtUs: healthyUs + watchedUs + operatorUs }, null, null);
  const [first] = world.hosts;
  if (first === undefined) throw new Error("a cluster needs a node");
  const cloud = new ControlPlane(world, first.document);
  for (const host of world.everyone) host.start();
  pass(world, healthyUs);
  const holder = world.holderOf(groupName);
  const standby = world.hosts.find((host) => host !== holder);
  if (holder === undefined || standby === undefined) throw new Error("the cluster did not become healthy");
  if (situation.cloud === "well") cloud.run();
  strike(world, situation, holder, standby);
  const runningUs = watch(world, healthyUs + watchedUs);
  const running = runs(world);
  const isTwice = world.hosts.filter((host) => host.resourcesOf(groupName).state === "up").length > 1;
  const said = world.hosts.flatMap((host) => (host.state === null ? [] : [host.state.groups[groupName]?.state ?? "left"]));
  const operatorCan = running === undefined && takesOver(world, holder);
  heal(world, cloud.document);
  pass(world, world.nowUs + healedUs);
  world.oracle.finish();
  const word = (host: Host | undefined): Outcome["runsAfter"] =>
    host === undefined ? "nobody" : host === holder ? "the holder" : "another";
  return {
    runs: isTwice ? "both" : word(running),
    downMs: running === undefined || running === holder ? null : (runningUs - healthyUs) / 1_000,
    operatorCan,
    said,
    runsAfter: word(runs(world)),
    violations: world.oracle.violations.map(({ rule, what }) => `${rule}: ${what}`),
  };
}

function strike(world: World, { killed, link, witness }: Situation, holder: Host, standby: Host): void {
  for (const host of links[link](world)) {
    if (host === holder) continue;
    world.network.cut(holder.id, host.id);
    world.network.cut(host.id, holder.id);
  }
  if (link === "the holder's cable pulled") world.network.cut(holder.id, gatewayId);
  if (killed === "the holder") holder.losePower();
  if (killed === "a standby") standby.losePower();
  if (witness === "dead") world.witness?.losePower();
  world.changed();
}

/** The instant at which somebody ran it for the last time anew, by looks of a millisecond. */
function watch(world: World, untilUs: number): number {
  let sinceUs = world.nowUs;
  let before = runs(world);
  while (world.nowUs < untilUs) {
    pass(world, world.nowUs + 1_000);
    world.oracle.look();
    const now = runs(world);
    if (now !== before && now !== undefined) sinceUs = world.nowUs;
    before = now;
  }
  return sinceUs;
}

function runs(world: World): Host | undefined {
  return world.hosts.find((host) => host.resourcesOf(groupName).state === "up");
}

/** At the operator's word, on any other node. */
function takesOver(world: World, holder: Host): boolean {
  for (const host of world.hosts) {
    if (host !== holder) host.take({ type: "takeover", group: groupName, reason: "the other machine has burnt" });
  }
  pass(world, world.nowUs + operatorUs);
  return runs(world) !== undefined;
}
