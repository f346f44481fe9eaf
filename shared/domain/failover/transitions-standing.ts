import { votersOf } from "../membership/quorum.ts";
import { orderOf } from "../priority/candidate-order.ts";
import { ask, canAskNow, giveUpCandidacy, hasWon, isInVain, mayAsk, nextBallot, openCandidacy } from "./candidacy.ts";
import type { GroupStateName } from "./group-states.ts";
import { cutOffReason, hasNoFitNode, isCutOff, isOnlyWitness, noFitNodeReason, othersMayGoOn, wasTheLastHolder } from "./halt.ts";
import { isBinding, promisesOf, votesHeld } from "./lease.ts";
import { giveBack, unwon } from "./lease-round.ts";
import type { Grant } from "./node-state.ts";
import { noticeWon } from "./resource-edges.ts";
import { soleOf } from "./sole-note.ts";
import { nothing, nowOf, runOf, type Scene, stateOf, type Transition } from "./transition.ts";
import { edit, editGroup, isMember, report } from "./turn.ts";

const idle: readonly GroupStateName[] = ["standby", "waiting", "isolated", "safe-halt"];

/** Rows of a node that runs nothing for the group. */
export const transitionsStanding: readonly Transition[] = [
  {
    from: ["just-started", ...idle],
    on: "time",
    when: "node or group removed, or the agent is ending",
    guard: isOver,
    to: "left",
    act: nothing,
    because: whyOver,
  },
  {
    from: ["asking"],
    on: "time",
    when: "node or group removed, or the agent is ending",
    guard: isOver,
    to: "left",
    act: (scene) => giveBack(scene.turn, scene.name, unwon),
    because: whyOver,
  },
  {
    from: ["left"],
    on: "time",
    when: "node and group are in the document",
    guard: (scene) => !isOver(scene),
    to: "just-started",
    act: nothing,
    because: () => "the cluster document names this node and the group again",
  },
  {
    from: [...idle, "asking"],
    on: "time",
    when: "this node has gone back in time (rule 9)",
    guard: (scene) => nowOf(scene) < stateOf(scene).quietUntilUs,
    to: "just-started",
    act: nothing,
    because: () => "peers have seen a later state of this node than it has itself: it counts as just started",
  },
  {
    from: ["just-started"],
    on: "time",
    when: "every earlier promise has run out (rule 4)",
    guard: (scene) => nowOf(scene) >= stateOf(scene).quietUntilUs,
    to: "standby",
    act: promiseWhatWasHeard,
    because: () => "whatever an earlier run of this node may have promised has run out",
  },
  {
    from: ["standby"],
    on: "time",
    when: "free, and this node may take it",
    guard: mayAsk,
    to: "waiting",
    act: nothing,
    because: () => "the group has no holder, and this node may take it in its turn",
  },
  {
    from: ["waiting"],
    on: "time",
    when: "no longer free, or this node no longer fit",
    guard: (scene) => !mayAsk(scene),
    to: "standby",
    act: nothing,
    because: () => "another node was granted the group, or this one may not take it any more",
  },
  {
    from: ["waiting"],
    on: "time",
    when: "its turn has come (rule 5)",
    guard: canAskNow,
    to: "asking",
    act: openCandidacy,
    because: (scene) => `no better node has asked: asks all voters under number ${runOf(scene).ballot}`,
  },
  {
    from: ["asking"],
    on: "time",
    when: "a majority has granted",
    guard: hasWon,
    to: "starting",
    act: startResources,
    because: (scene) => `${runOf(scene).votesWon} of ${votersOf(stateOf(scene).document).length} voters have granted the group`,
  },
  {
    from: ["asking"],
    on: "time",
    when: "in vain: time is up, or too many are bound",
    guard: isInVain,
    to: "standby",
    act: giveUpCandidacy,
    because: () => "no majority could be had; every vote was given back",
  },
  {
    from: ["asking"],
    on: "time",
    when: "a voter knows a higher number",
    guard: (scene) => runOf(scene).outbidBy >= runOf(scene).ballot && nextBallot(runOf(scene)) <= (stateOf(scene).stored[scene.name] ?? 0),
    to: "asking",
    act: openCandidacy,
    because: (scene) => `a voter has promised a higher number: asks again under ${runOf(scene).ballot}`,
  },
  {
    from: ["asking"],
    on: "time",
    when: "some voters have not answered",
    guard: (scene) => nowOf(scene) >= runOf(scene).askAgainAtUs,
    to: "asking",
    act: ask,
    because: () => "some voters have not granted yet: asks them again",
  },
  {
    from: ["standby"],
    on: "time",
    when: "no majority in reach; others may be one",
    guard: (scene) => isCutOff(scene) && (isOnlyWitness(scene) || (othersMayGoOn(scene) && !wasTheLastHolder(scene))),
    to: "isolated",
    act: nothing,
    because: cutOffReason,
  },
  {
    from: ["standby", "isolated"],
    on: "time",
    when: "no majority in reach; nobody else may, or this node ran it last",
    guard: (scene) => isCutOff(scene) && !isOnlyWitness(scene) && (!othersMayGoOn(scene) || wasTheLastHolder(scene)),
    to: "safe-halt",
    act: (scene) => reportHalt(scene, cutOffReason(scene)),
    because: cutOffReason,
  },
  {
    from: ["standby"],
    on: "time",
    when: "free, but no node is fit",
    guard: hasNoFitNode,
    to: "safe-halt",
    act: (scene) => reportHalt(scene, noFitNodeReason(scene)),
    because: noFitNodeReason,
  },
  {
    from: ["isolated", "safe-halt"],
    on: "time",
    when: "a majority is in reach, and the group is held or can be",
    guard: (scene) => !isCutOff(scene) && !hasNoFitNode(scene),
    to: "standby",
    act: nothing,
    because: (scene) =>
      soleOf(stateOf(scene), scene.name).node === stateOf(scene).nodeId
        ? "this node may go on alone"
        : "a majority of voters is in reach again, and the group has or can have a holder",
  },
];

/** Numbers that peers knew of during the silence count as promised by this voter too: its own record may be an old one. */
function promiseWhatWasHeard(scene: Scene): void {
  const { turn, name } = scene;
  const { epochSeen } = runOf(scene);
  const own = turn.state.grants[name];
  if (isBinding(own, turn.nowUs) || (own?.epoch ?? 0) >= epochSeen) return;
  const heard: Grant = { to: null, toIncarnation: 0, epoch: epochSeen, requestId: 0, untilUs: 0, long: null, longVoidUpTo: 0 };
  edit(turn, { grants: { ...turn.state.grants, [name]: heard } });
}

function isOver(scene: Scene): boolean {
  const state = stateOf(scene);
  const isNamed = state.document.groups.some((group) => group.name === scene.name);
  return !isMember(state) || !isNamed || state.phase !== "running";
}

function whyOver(scene: Scene): string {
  const state = stateOf(scene);
  if (state.phase !== "running") return `the agent is ending: ${state.shutdownReason}`;
  return isMember(state) ? "the cluster document no longer names the group" : "the cluster document no longer names this node";
}

function startResources(scene: Scene): void {
  const { turn, name } = scene;
  const run = runOf(scene);
  const votesWon = votesHeld(promisesOf(run, turn.state.settings), votersOf(turn.state.document), turn.state.settings, turn.nowUs);
  editGroup(turn, name, { epoch: run.ballot, wonAtUs: turn.nowUs, votesWon });
  noticeWon(scene);
  turn.effects.push({ type: "hold-until", group: name, epoch: run.ballot, untilUs: run.leaseEndUs });
  turn.effects.push({ type: "start-resources", group: name, epoch: run.ballot });
  turn.heartbeatDue = true;
}

function reportHalt(scene: Scene, reason: string): void {
  if (orderOf(stateOf(scene), scene.name).length === 0) return;
  report(scene.turn, { kind: "group.safe-halt", group: scene.name, epoch: runOf(scene).epochSeen, reason });
}
