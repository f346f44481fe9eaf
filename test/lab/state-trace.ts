import { setTimeout as sleep } from "node:timers/promises";
import type { AgentStatus } from "../../agent/local/agent-status.ts";
import type { LabHost } from "./lab-host.ts";

const everyMs = 100;

/** Follows what every agent says of the group, so that a scenario that fails can tell how it came to that. */
export class StateTrace {
  readonly #startedMs = performance.now();
  readonly #lines: string[] = [];
  #ended = false;

  constructor(hosts: readonly LabHost[]) {
    for (const host of hosts) void this.#follow(host);
  }

  /** One line for every change, with the milliseconds since the trace began. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  [Symbol.dispose](): void {
    this.#ended = true;
  }

  async #follow(host: LabHost): Promise<void> {
    let last = "";
    while (!this.#ended) {
      const now = await host.status().then(wordsOf, () => "no answer");
      if (now !== last) this.#lines.push(`${(performance.now() - this.#startedMs).toFixed(0)} ms  ${host.name}: ${now}`);
      last = now;
      await sleep(everyMs);
    }
  }
}

function wordsOf({ groups: [group] }: AgentStatus): string {
  if (group === undefined) return "knows no group";
  const { state, epoch, holderName, ineligible, reason } = group;
  return `${state} (${reason}), epoch ${epoch}, held by ${holderName ?? "nobody"}${ineligible === null ? "" : `, cannot take it: ${ineligible}`}`;
}
