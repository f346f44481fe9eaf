import { setTimeout as sleep } from "node:timers/promises";
import { retryAfterMs, triesMax } from "../../shared/domain/triggers/retry.ts";
import type { ActionResult, Attempt } from "../../shared/domain/triggers/sent-log.ts";
import type { Trigger, TriggerAction } from "../../shared/domain/triggers/trigger.ts";
import { reasonOf } from "../agent-error.ts";

const detailCharactersMax = 300;

/** Trying again would come to the same. */
export class GivenUp extends Error {}

/** Does one action, once. Resolves with what can be said of it; rejects with the reason, `GivenUp` where another try is of no use. */
export type Perform = (action: TriggerAction, trigger: Trigger, attempt: Attempt, signal: AbortSignal) => Promise<string>;

export interface CarryOutPorts {
  readonly perform: Perform;
  readonly nowMs: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

export const realSleep: CarryOutPorts["sleep"] = async (ms, signal) => {
  await sleep(ms, undefined, { signal, ref: false });
};

/** Tries an action until it is done, has failed for good, or the signal ends it: then it rejects, and nobody knows what came of it. */
export async function carryOut(
  action: TriggerAction,
  trigger: Trigger,
  attempt: Attempt,
  ports: CarryOutPorts,
  signal: AbortSignal,
): Promise<ActionResult> {
  const { name, kind } = action;
  const result = (outcome: ActionResult["outcome"], tries: number, detail: string): ActionResult => ({
    name,
    kind,
    outcome,
    tries,
    at: new Date(ports.nowMs()).toISOString(),
    detail: detail.slice(0, detailCharactersMax),
  });
  for (let tries = 1; ; tries += 1) {
    signal.throwIfAborted();
    try {
      const detail = await ports.perform(action, trigger, attempt, signal);
      return result("done", tries, detail);
    } catch (error) {
      signal.throwIfAborted();
      if (tries >= triesMax || error instanceof GivenUp) return result("failed", tries, reasonOf(error));
    }
    await ports.sleep(retryAfterMs(tries), signal);
  }
}
