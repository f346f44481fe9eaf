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
