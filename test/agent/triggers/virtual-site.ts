import { cronTimes } from "../../../agent/triggers/cron-times.ts";
import { TriggerLog } from "../../../agent/triggers/trigger-log.ts";
import { TriggerSession } from "../../../agent/triggers/trigger-session.ts";
import type { GroupName, NodeId } from "../../../shared/domain/ids.ts";
import type { EventDetail } from "../../../shared/domain/monitoring/cluster-event.ts";
import { SeededRandom } from "../../../shared/domain/seeded-random.ts";
import { occurrenceId } from "../../../shared/domain/triggers/occurrence.ts";
import { type Attempt, type SentOccurrence, sentOccurrences } from "../../../shared/domain/triggers/sent-log.ts";
import type { Trigger } from "../../../shared/domain/triggers/trigger.ts";
import { testNodeId } from "../cluster-signer.ts";
import { VirtualReplica } from "./virtual-replica.ts";

export interface Delivery {
  readonly id: string;
  readonly action: string;
  readonly run: string;
  readonly node: string;
}

/** Three nodes with the production code of triggers, on clocks and a network that a test moves (vitest's fake timers). Only one holds the group at a time, as the lease sees to. */
export class VirtualSite {
  readonly random: SeededRandom;
  readonly nodes: readonly VirtualReplica[];
  readonly delivered: Delivery[] = [];
  readonly events: EventDetail[] = [];
  readonly #trigger: Trigger;
  #epoch = 0;
  #holder: VirtualReplica | null = null;
  #session: TriggerSession | null = null;

  constructor(seed: number, trigger: Trigger) {
    this.random = new SeededRandom(seed);
    this.#trigger = trigger;
    this.nodes = ["node-a", "node-b", "node-c"].map((name) => new VirtualReplica(name, this.random));
    for (const node of this.nodes) this.#pullOn(node);
  }

  get holder(): VirtualReplica | null {
    return this.#holder;
  }

  take(node: VirtualReplica): void {
    this.#epoch += 1;
    const epoch = this.#epoch;
    this.#holder = node;
    const isHolder = () => this.#holder === node && this.#epoch === epoch;
    const nodeId = testNodeId(this.nodes.indexOf(node) + 1) as NodeId;
    const log = new TriggerLog({
      dataSet: "sent",
      records: node.records,
      barrier: (dataSet, timeoutMs) => this.#barrier(node, dataSet, timeoutMs),
      tenure: () => (isHolder() ? { epoch, untilUs: Number.MAX_SAFE_INTEGER } : null),
    });
    this.#session = new TriggerSession(
      { group: "default" as GroupName, epoch, run: `run${epoch}`, node: { nodeId, name: node.name } },
      {
        triggers: () => [this.#trigger],
        logOf: () => log,
        timesOf: cronTimes,
        nowMs: () => Date.now(),
        sleep: (ms, signal) => asleep(node, ms, signal),
        perform: (action, _trigger, attempt) => this.#deliver(node, action.name, attempt),
        record: (detail) => this.events.push(detail),
        onTrouble: () => {},
        onLine: () => {},
      },
    );
  }

  /** Nothing of the node goes on; its disk stays. */
  kill(node: VirtualReplica): void {
    node.isAlive = false;
    if (this.#holder === node) this.#holder = null;
  }

  /** It is alive, and holds the group no more. */
  depose(): void {
    this.#session?.end();
    this.#holder = null;
  }

  restart(node: VirtualReplica): void {
    node.isAlive = true;
    node.onStep = () => {};
    this.#pullOn(node);
  }

  /** What a node has to say of what was sent. */
  async sentAsOf(node: VirtualReplica): Promise<readonly SentOccurrence[]> {
    const log = new TriggerLog({ dataSet: "sent", records: node.records, barrier: unasked, tenure: () => null });
    const attempts: Attempt[] = [];
    for (let after: string | null = ""; after !== null; ) {
      const page = await log.page(after, 500);
      attempts.push(...page.attempts);
      after = page.next;
    }
    return sentOccurrences([...attempts, ...(await log.open())]);
  }

  async #deliver(node: VirtualReplica, action: string, attempt: Attempt): Promise<string> {
    await node.step();
    this.delivered.push({ id: occurrenceId(attempt), action, run: attempt.run, node: node.name });
    await node.step();
    return "delivered";
  }

  /** From anybody who is there, now and then. */
  #pullOn(node: VirtualReplica): void {
    setTimeout(
      () => {
        if (!node.isAlive) return;
        const others = this.nodes.filter((other) => other !== node && other.isAlive);
        if (others.length > 0) node.pull(this.random.pick(others));
        this.#pullOn(node);
      },
      this.random.between(40, 200),
    );
  }

  async #barrier(node: VirtualReplica, dataSet: string, timeoutMs: number) {
    const others = this.nodes.filter((other) => other !== node);
    for (const fromMs = Date.now(); Date.now() - fromMs < timeoutMs; ) {
      if (others.some((other) => other.isAlive && other.holdsAllOf(node))) return { dataSet, heldBy: [], tookMs: Date.now() - fromMs };
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error("no other node has it in time");
  }
}

function unasked(): never {
  throw new Error("who reads only waits for nobody");
}

function asleep(node: VirtualReplica, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => node.isAlive && resolve(), ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new Error("ended"));
    });
  });
}
