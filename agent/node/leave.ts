import type { Detached } from "../../shared/domain/failover/durable-record.ts";
import { msFromUs } from "../../shared/domain/time.ts";
import { monotonicUs } from "../resources/monotonic.ts";
import { leaveDetachedState } from "../storage/detached-state.ts";
import { agentVersion } from "../version.ts";
import { fenced } from "./fenced.ts";
import type { GuardianProcess } from "./guardian-process.ts";
import type { MainThread } from "./main-thread.ts";
import { readoptByUs } from "./readoption.ts";

export interface Leaving {
  readonly main: MainThread;
  readonly guardian: GuardianProcess;
  readonly path: string;
  readonly secret: string;
  readonly lastEvent: () => number;
}

/**
 * The core has left: the next agent finds what it needs, and the guardian keeps what runs. The file comes first: an agent that dies between the
 * two has a guardian that takes everything down, as after any other death, and the next one finds nobody to go on with.
 */
export async function leaveToNextAgent(detached: Detached, { main, guardian, path, secret, lastEvent }: Leaving): Promise<void> {
  const nowUs = monotonicUs();
  const byUs = readoptByUs(detached);
  main.record({ kind: "agent.detached", agentVersion, backWithinMs: Math.round(msFromUs(byUs - nowUs)) });
  await leaveDetachedState(path, { secret, leftAtUs: nowUs, readoptByUs: byUs, lastEvent: lastEvent(), detached });
  if (!(await main.detachment.tellGuardian(byUs)))
    throw fenced("its guardian did not answer when it was to keep what runs", new Error("no answer"));
  guardian.letGo();
}
