import type { Logger } from "pino";
import type { Detached, DurableRecord } from "../../shared/domain/failover/durable-record.ts";
import { msFromUs, usFromMs } from "../../shared/domain/time.ts";
import { reasonOf } from "../agent-error.ts";
import { monotonicUs } from "../resources/monotonic.ts";
import type { DataPaths } from "../storage/data-directory.ts";
import { type DetachedState, takeDetachedState } from "../storage/detached-state.ts";
import { readNodeRecord } from "../storage/node-record.ts";
import { adoptGuardian } from "./adopt-guardian.ts";
import type { GuardianLife } from "./guardian-life.ts";
import type { GuardianConfiguration } from "./guardian-protocol.ts";

/** So long before its lease ends the guardian of an agent that does not come back begins to take its resources down. */
const takedownReserveMs = 2_000;
/** What an agent tells while it ends comes after it has noted how many events it has told. */
const lastEventsMax = 1_000;

/** What this start goes on with: the incarnation, the promises and the resources of the agent before it. */
export interface Readoption {
  readonly record: DurableRecord;
  readonly detached: Detached;
  readonly guardian: GuardianLife;
  /** No event of this incarnation has a number above this. */
  readonly lastEvent: number;
  readonly awayMs: number;
}

/** Until when the next agent may come. */
export function readoptByUs({ untilUs }: Detached): number {
  return untilUs - usFromMs(takedownReserveMs);
}

/** Null where there is nothing to go on with: the agent then starts as after any other end, and takes down what was left. */
export async function readopt(paths: DataPaths, configuration: GuardianConfiguration, log: Logger): Promise<Readoption | null> {
  const state = await takeDetachedState(paths.detached);
  if (state === null) return null;
  try {
    return await goOnWith(state, paths, configuration);
  } catch (error) {
    log.error(`an earlier agent has left its resources running, and this one cannot go on with them: ${reasonOf(error)}`);
    return null;
  }
}

async function goOnWith(state: DetachedState, paths: DataPaths, configuration: GuardianConfiguration): Promise<Readoption> {
  const { detached, leftAtUs, lastEvent } = state;
  const record = await readNodeRecord(paths.nodeRecord);
  if (record.incarnation !== detached.incarnation)
    throw new Error(`it was incarnation ${detached.incarnation}, and ${paths.nodeRecord} is of incarnation ${record.incarnation}`);
  const guardian = await adoptGuardian(state, configuration);
  const awayMs = Math.round(msFromUs(monotonicUs() - leftAtUs));
  return { record, detached, guardian, lastEvent: lastEvent + lastEventsMax, awayMs };
}
