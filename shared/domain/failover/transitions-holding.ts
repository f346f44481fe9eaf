import { isVoter } from "../membership/quorum.ts";
import { fitSuccessors, orderOf } from "../priority/candidate-order.ts";
import { failbackTarget } from "../priority/failback.ts";
import { usFromMs } from "../time.ts";
import { runsOutAtUs } from "./candidacy.ts";
import { unfollowedHere } from "./data-readiness.ts";
import {
  beginDraining,
  drainTowards,
  giveBackDrained,
  goOn,
  isDrained,
  isDrainOver,
  isTakenUpAgain,
  mayGoOn,
  nextSuccessor,
  successorAtTheEnd,
  takeUpAgain,
  whyNotDrained,
} from "./drain.ts";
import { unfitness } from "./eligibility.ts";
import type { GroupStateName } from "./group-states.ts";
import { laterTenure } from "./later-tenure.ts";
import { giveBack, letRunOut } from "./lease-round.ts";
import { isLostToAll, lostToAllReason } from "./lookout.ts";
import {
  backOffStart,
  handOver,
  lostReason,
  proveStarted,
  refuseSwitchover,
  reportTaken,
  stepDown,
  stopAtOnce,
  switchoverProblem,
} from "./resource-edges.ts";
import { nowOf, runOf, type Scene, stateOf, type Transition } from "./transition.ts";
import { editGroup, isMember, timingOf } from "./turn.ts";

const running: readonly GroupStateName[] = ["starting", "operational", "handing-over"];

/** Rows of a node that holds the group's lease, or may still have a resource up. */
export const transitionsHolding: readonly Transition[] = [
  {
    from: running,
    on: "time",
    when: "the lease runs out unrenewed (rule 3)",
    guard: isRunningOut,
    to: "stepping-down",
    act: (scene) => stepDown(scene, lostReason(scene)),
    because: lostReason,
  },
  {
    from: ["draining"],
    on: "time",
    when: "the lease runs out unrenewed (rule 3)",
    guard: isRunningOut,
    to: "standby",
    act: giveBackDrained,
    because: lostReason,
  },
  {
    from: [...running, "draining"],
    on: "time",
    when: "another node runs it, or has run it since, under a higher epoch; or alone may",
    guard: (scene) => laterTenure(scene) !== null,
    to: "stepping-down",
    act: (scene) => stepDown(scene, laterTenure(scene) ?? "", true),
    because: (scene) => laterTenure(scene) ?? "",
  },
  {
    from: ["stepping-down"],
    on: "time",
    when: "it has time to stop, and another node runs it already",
    guard: (scene) => nowOf(scene) < runOf(scene).stopByUs && laterTenure(scene) !== null,
    to: "stepping-down",
    act: stopAtOnce,
    because: (scene) => laterTenure(scene) ?? "",
  },
  {
    from: [...running, "draining"],
    on: "time",
    when: "one of two that are to probe: neither the other one nor a gateway answers",
    guard: (scene) => isLostToAll(stateOf(scene), nowOf(scene)),
    to: "stepping-down",
    act: (scene) => stepDown(scene, lostToAllReason),
    because: () => lostToAllReason,
  },
  {
    from: [...running, "draining"],
    on: "time",
    when: "no longer named for the group, or gone back in time",
    guard: (scene) => whyNotHere(scene) !== null,
    to: "stepping-down",
    act: (scene) => stepDown(scene, whyNotHere(scene) ?? ""),
    because: (scene) => whyNotHere(scene) ?? "",
  },
  {
    from: ["starting"],
    on: "resources-started",
    when: "its resources run again after a switchover that was given up",
    guard: isTakenUpAgain,
    to: "operational",
    act: goOn,
    because: (scene) => `its resources run here again: ${runOf(scene).reason}`,
  },
  {
    from: ["starting"],
    on: "resources-started",
    when: "its resources run",
    guard: () => true,
    to: "operational",
    act: reportTaken,
    because: () => "its resources run here",
  },
  {
    from: ["starting", "operational"],
    on: "resources-failed",
    when: "a resource failed",
    guard: () => true,
    to: "stepping-down",
    act: (scene) => backOffStart(scene),
    because: (scene) => `its resources failed: ${runOf(scene).startFailure}`,
  },
  {
    from: ["starting"],
    on: "time",
    when: "the agent is ending",
    guard: (scene) => stateOf(scene).phase !== "running",
    to: "stepping-down",
    act: (scene) => stepDown(scene, `the agent is ending: ${stateOf(scene).shutdownReason}`),
    because: (scene) => `the agent is ending: ${stateOf(scene).shutdownReason}`,
  },
  {
    from: ["operational"],
    on: "time",
    when: "the agent is ending",
    guard: (scene) => stateOf(scene).phase !== "running",
    to: "handing-over",
    act: (scene) => handOver(scene, successorAtTheEnd(scene), stateOf(scene).shutdownReason),
    because: (scene) => `the agent is ending: ${stateOf(scene).shutdownReason}`,
  },
  {
    from: ["operational"],
    on: "switchover",
    when: "asked for, and its target is fit",
    guard: (scene) => switchoverProblem(scene) === null,
    to: "handing-over",
    act: (scene) => {
      if (scene.signal.type !== "switchover") return;
      const to = scene.signal.to ?? fitSuccessors(stateOf(scene), scene.name, nowOf(scene))[0] ?? null;
      handOver(scene, to, scene.signal.reason);
      editGroup(scene.turn, scene.name, { movesForgiven: runOf(scene).epoch });
    },
    because: (scene) => `switchover: ${runOf(scene).handover?.reason ?? ""}`,
  },
  {
    from: ["operational"],
    on: "switchover",
    when: "asked for, but its target is not fit",
    guard: (scene) => switchoverProblem(scene) !== null,
    to: "operational",
    act: refuseSwitchover,
    because: (scene) => `stays: ${switchoverProblem(scene) ?? ""}`,
  },
  {
    from: ["operational"],
    on: "time",
    when: "unfit, and another node is fit",
    guard: (scene) =>
      stateOf(scene).status !== null &&
      unfitness(stateOf(scene), runOf(scene)) !== null &&
      fitSuccessors(stateOf(scene), scene.name, nowOf(scene)).length > 0,
    to: "handing-over",
    act: (scene) =>
      handOver(scene, fitSuccessors(stateOf(scene), scene.name, nowOf(scene))[0] ?? null, unfitness(stateOf(scene), runOf(scene)) ?? ""),
    because: (scene) => `another node is fitter: ${runOf(scene).handover?.reason ?? ""}`,
  },
  {
    from: ["operational"],
    on: "time",
    when: "automatic failback is due",
    guard: (scene) => failbackTarget(stateOf(scene), runOf(scene), nowOf(scene)) !== null && unfollowedHere(stateOf(scene)) === null,
    to: "handing-over",
    act: (scene) => handOver(scene, failbackTarget(stateOf(scene), runOf(scene), nowOf(scene)), "failback to the preferred node", true),
    because: () => "the preferred node has been fit for long enough",
  },
  {
    from: ["operational"],
    on: "time",
    when: "has run long enough to count as healthy",
    guard: (scene) =>
      runOf(scene).startFailures > 0 && nowOf(scene) - runOf(scene).sinceUs >= usFromMs(stateOf(scene).settings.startProvenAfterMs),
    to: "operational",
    act: proveStarted,
    because: () => "it has run for long enough to forget earlier failures to start",
  },
  {
    from: ["handing-over"],
    on: "resources-stopped",
    when: "its resources are down",
    guard: () => true,
    to: "draining",
    act: beginDraining,
    because: () => "its resources are down; the successor receives the last changes",
  },
  {
    from: ["handing-over"],
    on: "time",
    when: "its resources did not stop in time",
    guard: (scene) => nowOf(scene) >= runOf(scene).stopByUs + usFromMs(timingOf(stateOf(scene)).heartbeatIntervalMs),
    to: "stepping-down",
    act: (scene) => stepDown(scene, "its resources did not stop within the time for a planned stop"),
    because: () => "its resources did not stop within the time for a planned stop",
  },
  {
    from: ["draining"],
    on: "time",
    when: "the successor has every change",
    guard: isDrained,
    to: "standby",
    act: giveBackDrained,
    because: (scene) => `gave the group back: ${runOf(scene).released?.reason ?? ""}`,
  },
  {
    from: ["draining"],
    on: "time",
    when: "the successor cannot have them in time, and this node can go on",
    guard: (scene) => isDrainOver(scene) && mayGoOn(scene),
    to: "starting",
    act: takeUpAgain,
    because: (scene) => `the switchover was given up: ${whyNotDrained(scene)}`,
  },
  {
    from: ["draining"],
    on: "time",
    when: "the successor is gone, this node cannot go on, another one can",
    guard: (scene) => nextSuccessor(scene) !== null,
    to: "draining",
    act: drainTowards,
    because: (scene) => `its successor is not heard any more: ${runOf(scene).handover?.to ?? ""} receives the last changes`,
  },
  {
    from: ["draining"],
    on: "time",
    when: "the successor cannot have them in time, and this node cannot go on",
    guard: isDrainOver,
    to: "standby",
    act: giveBackDrained,
    because: (scene) => `gave the group back: ${runOf(scene).released?.reason ?? ""}`,
  },
  {
    from: ["stepping-down"],
    on: "resources-stopped",
    when: "its resources are down",
    guard: () => true,
    to: "standby",
    act: (scene) => giveBack(scene.turn, scene.name, { successor: null, planned: false, reason: runOf(scene).reason }),
    because: (scene) => `its resources are down, the lease is given back: ${runOf(scene).released?.reason ?? ""}`,
  },
  {
    from: ["stepping-down"],
    on: "time",
    when: "the lease has ended",
    guard: (scene) => nowOf(scene) >= runOf(scene).stopByUs,
    to: "standby",
    act: (scene) => letRunOut(scene.turn, scene.name),
    because: () => "the lease has ended, and with it everything that ran under it",
  },
];

function isRunningOut(scene: Scene): boolean {
  return nowOf(scene) >= runsOutAtUs(stateOf(scene), runOf(scene).leaseEndUs);
}

function whyNotHere(scene: Scene): string | null {
  const state = stateOf(scene);
  if (!isMember(state)) return "the cluster document no longer names this node";
  if (!isVoter(state.document, state.nodeId)) return "the cluster document no longer gives this node a vote";
  if (!orderOf(state, scene.name).includes(state.nodeId)) return "the cluster document no longer lists this node for the group";
  if (nowOf(scene) < state.quietUntilUs) return "peers have seen a later state of this node than it has itself";
  return null;
}
