import { failoverSettings } from "../../shared/config/timing.ts";
import type { GroupName, NodeId, PathName } from "../../shared/domain/ids.ts";
import { nodeVotersOf } from "../../shared/domain/membership/quorum.ts";
import { gatewayId, groupName, nodeIdOf, type SimulatedGroup } from "../simulation/cluster.ts";
import { ControlPlane } from "../simulation/control-plane.ts";
import type { Host } from "../simulation/host.ts";
import type { Mutant } from "../simulation/mutant.ts";
import { pass } from "../simulation/run-seed.ts";
import { type Snapshot, snapshotOf } from "../simulation/snapshot.ts";
import { type FaultClass, hastySettings, type SwarmOptions } from "../simulation/swarm.ts";
import { World } from "../simulation/world.ts";

/** One command a line; `#` begins a comment. Everything that follows from it, and from the bug that is planted, is in the trace. */
export function runScenario(script: string, mutant: Mutant | null = null): readonly string[] {
  const lines = script.split("\n").map((line) => line.replace(/#.*$/, "").trim());
  const commands = lines.filter((line) => line !== "").map((line) => line.split(/\s+/));
  const [first, ...rest] = commands;
  if (first?.[0] !== "cluster")
    throw new Error(
      "a scenario begins with: cluster NODES [witness] [survivor] [probe] [automatic] [replication] [hasty] [two-paths] [TIMING] [GROUP=ORDER[/manual|/automatic] ...]",
    );
  const trace: string[] = [];
  const world = new World(calmOptions(first.slice(1)), mutant, (line) => trace.push(line));
  const document = world.hosts[0]?.document;
  if (document === undefined) throw new Error("a cluster needs a node");
  const play: Play = { world, cloud: new ControlPlane(world, document), snapshots: new Map() };
  for (const host of world.everyone) host.start();
  for (const [verb = "", ...words] of rest) {
    trace.push(`> ${[verb, ...words].join(" ")}`);
    const command = verbs[verb];
    if (command === undefined) throw new Error(`a scenario has no command ${verb}; known: ${Object.keys(verbs).join(", ")}`);
    command(play, words);
  }
  return trace;
}

interface Play {
  readonly world: World;
  readonly cloud: ControlPlane;
  readonly snapshots: Map<Host, Snapshot>;
}

const verbs: Readonly<Record<string, (play: Play, words: readonly string[]) => void>> = {
  /** run MS: time passes. */
  run: ({ world }, [ms]) => pass(world, world.nowUs + Number(ms) * 1_000),
  start: ({ world }, [name]) => hostOf(world, name).start(),
  /** kill A: the agent and its guardian. */
  kill: ({ world }, [name]) => hostOf(world, name).crash(false),
  /** kill-agent A: the guardian outlives it. */
  "kill-agent": ({ world }, [name]) => hostOf(world, name).crash(true),
  power: ({ world }, [name]) => hostOf(world, name).losePower(),
  stop: ({ world }, [name]) => hostOf(world, name).take({ type: "shutdown", reason: "its service is being stopped" }),
  /** readmit A: an operator ends its quarantine. */
  readmit: ({ world }, [name]) => hostOf(world, name).take({ type: "readmit" }),
  /** detach A: its agent leaves, to be started anew while its resources run on (`start A`). */
  detach: ({ world }, [name]) => hostOf(world, name).take({ type: "detach" }),
  freeze: ({ world }, [name]) => hostOf(world, name).pause(),
  thaw: ({ world }, [name]) => hostOf(world, name).resume(),
  /** stand-still A: its whole machine is paused, and its clock with it. */
  "stand-still": ({ world }, [name]) => hostOf(world, name).standStill(),
  /** go-on A [with-messages]: it cannot know; what was sent to it meanwhile is lost, or has waited. */
  "go-on": ({ world }, [name, messages]) => hostOf(world, name).goOn(messages === "with-messages"),
  /** cut A B: nothing that A sends reaches B. */
  cut: ({ world }, [from, to]) => world.network.cut(hostOf(world, from).id, hostOf(world, to).id),
  /** cut-path A B PATH: nothing that A sends on this path reaches B. */
  "cut-path": ({ world }, [from, to, path]) => world.network.cutPath(hostOf(world, from).id, hostOf(world, to).id, path as PathName),
  /** lose-network PATH: nobody reaches anybody on it. */
  "lose-network": ({ world }, [path]) => {
    for (const from of world.hosts) for (const to of world.hosts) world.network.cutPath(from.id, to.id, path as PathName);
  },
  /** isolate A: it reaches no other node, and none reaches it. */
  isolate: ({ world }, [name]) => isolate(world, hostOf(world, name)),
  /** unplug A: its cable is out, so that it has no gateway either. */
  unplug: ({ world }, [name]) => {
    isolate(world, hostOf(world, name));
    world.network.cut(hostOf(world, name).id, gatewayId);
  },
  /** firewall A: no message passes between it and any other node, and nothing else is wrong. */
  firewall: ({ world }, [name]) => {
    const behind = hostOf(world, name);
    for (const other of world.everyone) {
      world.network.filter(behind.id, other.id);
      world.network.filter(other.id, behind.id);
    }
  },
  /** no-gateway: none answers anybody. */
  "no-gateway": ({ world }) => {
    for (const { id } of world.hosts) world.network.cut(id, gatewayId);
  },
  mend: ({ world }) => world.network.heal(),
  unwell: ({ world }, [name, ...reason]) => tellProblem(hostOf(world, name), reason.join(" ")),
  well: ({ world }, [name]) => tellProblem(hostOf(world, name), null),
  "fails-to-start": ({ world }, [name]) => (hostOf(world, name).startFails = true),
  "starts-again": ({ world }, [name]) => (hostOf(world, name).startFails = false),
  /** starts-in A MS: how long its resources take to start. */
  "starts-in": ({ world }, [name, ms]) => (hostOf(world, name).startTakesUs = Number(ms) * 1_000),
  /** stops-in A MS: how long its resources take to stop gently. */
  "stops-in": ({ world }, [name, ms]) => (hostOf(world, name).stopTakesUs = Number(ms) * 1_000),
  /** disk-takes A MS: how long each write to its disk takes. */
  "disk-takes": ({ world }, [name, ms]) => (hostOf(world, name).disk.takesUs = Number(ms) * 1_000),
  /** disk-full A: nothing more can be written, so that it takes in no newer document either. */
  "disk-full": ({ world }, [name]) => hostOf(world, name).disk.fall("full"),
  /** late A B MS: what A sends to B comes later by so much. */
  late: ({ world }, [from, to, ms]) => world.network.makeLate(hostOf(world, from).id, hostOf(world, to).id, Number(ms) * 1_000),
  /** writes A N: its application commits so many changes. */
  writes: ({ world }, [name, changes]) => {
    const host = hostOf(world, name);
    host.data.write(groupNamed(world, undefined), Number(changes));
    host.data.look();
    host.tellStatus();
  },
  /** keeps-writing A GROUP=: as long as it runs there, its application commits five changes a millisecond, and the others soon have them. */
  "keeps-writing": ({ world }, [name, group]) => {
    const host = hostOf(world, name);
    const writer = groupNamed(world, group?.slice(0, -1));
    const write = (): void => {
      if (host.resourcesOf(writer).state !== "up") return;
      host.data.write(writer, 1);
      host.data.look();
      host.tellStatus();
      world.pushChanges(host);
      world.queue.at(world.nowUs + 200, write);
    };
    write();
  },
  /** catches-up A: it receives whatever the others could send. */
  "catches-up": ({ world }, [name]) => {
    const host = hostOf(world, name);
    for (const other of world.hosts) if (other !== host) host.data.follow(other.data.seen);
    host.tellStatus();
  },
  /** locks A: another process keeps the database of A locked, so that what is written is not seen. */
  locks: ({ world }, [name]) => (hostOf(world, name).data.locked = true),
  unlocks: ({ world }, [name]) => (hostOf(world, name).data.locked = false),
  /** switchover A [B] [GROUP=]: asks the agent of A. */
  switchover: ({ world }, [name, ...words]) => {
    const to = words.find((word) => !word.endsWith("="));
    const group = words.find((word) => word.endsWith("="))?.slice(0, -1);
    hostOf(world, name).take({
      type: "switchover",
      group: groupNamed(world, group),
      to: to === undefined ? null : hostOf(world, to).id,
      reason: "an operator asked for it",
    });
  },
  /** takeover A: an operator has it go on alone. */
  takeover: ({ world }, [name]) =>
    hostOf(world, name).take({ type: "takeover", group: groupNamed(world, undefined), reason: "the other machine has burnt" }),
  /** members A B C: the control plane signs a document with these. */
  members: ({ world, cloud }, names) => {
    const document = cloud.sign(names.map((name) => hostOf(world, name).id));
    for (const host of world.everyone) host.takeDocument(document);
  },
  /** holds-back A B: a document that comes from now on waits at these. */
  "holds-back": ({ world }, names) => {
    for (const name of names) hostOf(world, name).documents.holdsBack = true;
  },
  /** accepts A: somebody there takes the one that waits. */
  accepts: ({ world }, [name]) => hostOf(world, name).takeDocument(hostOf(world, name).documents.accept()),
  /** without-group GROUP: the control plane signs a document that has it no more. */
  "without-group": ({ world, cloud }, [group]) => {
    const document = cloud.signWithoutGroup(group ?? "");
    for (const host of world.everyone) host.takeDocument(document);
  },
  /** voters A B C: so it changes them, where its rule allows that now. */
  voters: ({ world, cloud }, names) => {
    if (!cloud.changeVoters(names.map((name) => hostOf(world, name).id)))
      return world.log(null, "the last change of voters is not settled yet");
    for (const host of world.everyone) host.takeDocument(cloud.document);
  },
  /** learners A B: these join, without a vote. */
  learners: ({ world, cloud }, names) => {
    const learners = names.map((name) => hostOf(world, name).id);
    const voters = nodeVotersOf(cloud.document).filter((voter) => !learners.includes(voter));
    const document = cloud.sign([...voters, ...learners], new Set(learners));
    for (const host of world.everyone) host.takeDocument(document);
  },
  /** promote: the control plane gives a learner its vote, if one is ready. */
  promote: ({ world, cloud }) => {
    if (!cloud.promote()) return world.log(null, "nobody is ready to be promoted");
    for (const host of world.everyone) host.takeDocument(cloud.document);
  },
  /** witness-vote: the control plane gives the witness its vote or takes it, as is due. */
  "witness-vote": ({ world, cloud }) => {
    if (!cloud.giveWitnessItsVote()) return world.log(null, "the vote of the witness stays as it is");
    for (const host of world.everyone) host.takeDocument(cloud.document);
  },
  snapshot: ({ world, snapshots }, [name]) => {
    const taken = snapshotOf(hostOf(world, name));
    if (taken !== null) snapshots.set(hostOf(world, name), taken);
  },
  restore: ({ world, snapshots }, [name]) => {
    const snapshot = snapshots.get(hostOf(world, name));
    if (snapshot === undefined) throw new Error(`there is no snapshot of ${name}`);
    hostOf(world, name).restore(snapshot, true, false);
  },
};

function isolate(world: World, alone: Host): void {
  for (const other of world.everyone) {
    if (other === alone) continue;
    world.network.cut(alone.id, other.id);
    world.network.cut(other.id, alone.id);
  }
}

function tellProblem(host: Host, problem: string | null): void {
  for (const group of host.resources.keys()) {
    if (problem === null) host.problems.delete(group);
    else host.problems.set(group, problem);
  }
  host.tellStatus();
}

/** The first where none is named. */
function groupNamed(world: World, name: string | undefined): GroupName {
  const group = name === undefined ? world.groupNames[0] : world.groupNames.find((known) => known === name);
  if (group === undefined) throw new Error(`the scenario has no group ${name}`);
  return group;
}

function hostOf(world: World, name: string | undefined): Host {
  const id: NodeId | null = name === undefined ? null : nodeIdOf(name.charCodeAt(0) - 97);
  const host = id === null ? undefined : world.host(id);
  if (host === undefined) throw new Error(`the scenario has no node ${name ?? "(missing)"}`);
  return host;
}

/** Everything goes well and quickly unless the script says otherwise; nodes are preferred in the order of their names. */
export function calmOptions([nodes, ...words]: readonly string[]): SwarmOptions {
  const timingName = words.includes("fast") ? "fast" : words.includes("patient") ? "patient" : "default";
  return {
    seed: 1,
    nodes: Number(nodes),
    isOrdered: true,
    hasWitness: words.includes("witness"),
    whenAlone: words.includes("probe") ? "probe" : words.includes("survivor") ? "survivor" : "stop",
    documentTiming: timingName,
    timing: failoverSettings.profiles[timingName],
    groups: groupsOf(words),
    settings: words.includes("hasty") ? hastySettings : failoverSettings,
    furtherPaths: words.includes("two-paths") ? 1 : 0,
    on: new Set<FaultClass>(words.includes("replication") ? ["replication"] : []),
    lossRate: 0,
    repeatRate: 0,
    meanDelayUs: 300,
    driftMax: 0,
    isEncoded: true,
    healAtUs: 0,
    endAtUs: Number.MAX_SAFE_INTEGER,
    faultEveryUs: 0,
  };
}

/** `backup=bac/automatic`: a group and its order; without any there is the one group of every cluster. */
function groupsOf(words: readonly string[]): readonly SimulatedGroup[] {
  const failback = words.includes("automatic") ? "automatic" : "manual";
  const named = words.flatMap((word): SimulatedGroup[] => {
    const [, name, order, own] = /^([a-z-]+)=([a-h]+)(?:\/(manual|automatic))?$/.exec(word) ?? [];
    if (name === undefined || order === undefined) return [];
    const preference = Array.from(order, (letter) => nodeIdOf(letter.charCodeAt(0) - 97));
    return [{ name: name as GroupName, failback: own === "manual" || own === "automatic" ? own : failback, preference }];
  });
  return named.length > 0 ? named : [{ name: groupName, failback, preference: null }];
}
