import type { EventKind } from "../../../shared/domain/monitoring/cluster-event.ts";
import type { Expectation } from "../scenario.ts";

/** Three servers that are written without a pause, on one machine's processors. */
const silenceMsMax = 2_000;

/** Nothing moves, whatever becomes of a standby and of its data. */
export function staysWhileWritten(...told: readonly EventKind[]): Expectation {
  return { holder: "the same", told, silenceMsMax, silenceAfterHealMsMax: silenceMsMax };
}
