import { createConnection } from "node:net";
import { reasonOf } from "../agent-error.ts";
import { identify, type ProcessId } from "../resources/marked-processes.ts";
import { monotonicUs } from "../resources/monotonic.ts";
import type { DetachedState } from "../storage/detached-state.ts";
import { adoptedGuardian, type GuardianLife } from "./guardian-life.ts";
import { type Adoption, type AdoptionAnswer, type GuardianConfiguration, guardianProtocol } from "./guardian-protocol.ts";
import { readLines, toLine } from "./json-lines.ts";

const answerPatienceMs = 2_000;

/** Takes over the guardian that an earlier agent has left with its resources running. Throws where it cannot be had, with the reason. */
export async function adoptGuardian(state: DetachedState, configuration: GuardianConfiguration): Promise<GuardianLife> {
  if (monotonicUs() >= state.readoptByUs) throw new Error("the time in which another agent could come is over");
  const agent = identify(process.pid);
  if (agent === null) throw new Error("this process does not find itself in /proc");
  const lifeline = createConnection(configuration.adoptSocket);
  try {
    const guardian = await new Promise<ProcessId>((resolve, reject) => {
      lifeline.setTimeout(answerPatienceMs, () => reject(new Error("it does not answer")));
      lifeline.once("error", reject);
      lifeline.once("close", () => reject(new Error("it closed the connection")));
      readLines(lifeline, (value) => {
        const answer = value as AdoptionAnswer;
        if (answer.type === "adopted") resolve(answer.guardian);
        else reject(new Error(answer.reason));
      });
      const adoption: Adoption = { type: "adopt", protocol: guardianProtocol, secret: state.secret, agent, configuration };
      lifeline.write(toLine(adoption));
    });
    lifeline.setTimeout(0);
    lifeline.removeAllListeners("close");
    return adoptedGuardian(guardian, lifeline);
  } catch (error) {
    lifeline.destroy();
    throw new Error(`its guardian cannot be taken over: ${reasonOf(error)}`, { cause: error });
  }
}
