import type { EventKind } from "../../shared/domain/monitoring/cluster-event.ts";
import type { Expectation } from "./scenario.ts";

/** T of the default profile is 0.6 s; the rest is for a busy machine. */
const takeoverMsMax = 3_000;
/** A machine that is busy with others may leave any process waiting for so long. */
const undisturbedMsMax = 500;

/** The group moves to another node, and the client follows. */
export function moves(...told: readonly EventKind[]): Expectation {
  return {
    holder: "another",
    told: ["group.takeover", ...told],
    silenceMsMax: takeoverMsMax,
    silenceAfterHealMsMax: undisturbedMsMax,
  };
}

/** Nothing moves, and the client notices nothing. */
export function stays(...told: readonly EventKind[]): Expectation {
  return { holder: "the same", told, silenceMsMax: undisturbedMsMax, silenceAfterHealMsMax: undisturbedMsMax };
}

/**
 * Of two nodes alone that are cut off from each other, the client being with the holder, both run the group until they hear each other again (S3): then the
 * one that took over alone does, and brings the client over.
 */
export function bothRun(bothAnswerMsMin: number): Expectation {
  return {
    holder: "the same",
    holderAfter: "another",
    told: ["node.silent", "quorum.degraded", "group.claimed", "group.takeover", "group.stepped-down", "node.returned", "quorum.restored"],
    silenceMsMax: undisturbedMsMax,
    silenceAfterHealMsMax: takeoverMsMax,
    bothAnswer: { atLeastMs: bothAnswerMsMin, afterHealMsMax: takeoverMsMax },
  };
}

/** Nothing moves, and not one of the client's questions goes without its answer. */
export function answersAll(...told: readonly EventKind[]): Expectation {
  return { ...stays(...told), everythingIsAnswered: true };
}
