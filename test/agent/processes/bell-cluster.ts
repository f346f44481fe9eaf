import { setTimeout as sleep } from "node:timers/promises";
import type { AgentStatus } from "../../../agent/local/agent-status.ts";
import { sentLinesMax } from "../../../agent/triggers/triggers-request.ts";
import type { GroupName, NodeId } from "../../../shared/domain/ids.ts";
import type { SentOccurrence } from "../../../shared/domain/triggers/sent-log.ts";
import type { Trigger } from "../../../shared/domain/triggers/trigger.ts";
import { testNodeId } from "../cluster-signer.ts";
import { BellReceiver } from "./bell-receiver.ts";
import { type BellVerdict, bellVerdict } from "./bell-verdict.ts";
import { LocalCluster } from "./local-cluster.ts";
import { aimAt } from "./lose-machine.ts";

const group = "default" as GroupName;
const log = "triggers-default";
const patienceMs = 60_000;
const lookEveryMs = 50;
/** Whoever aims has asked the holder first. */
const aimMs = 400;
const names = ["node-a", "node-b", "node-c"] as const;

/** When a server dies: so long after the time of the schedule (less than 0: before it), or after its request has come to the receiver. */
export interface Moment {
  readonly after: "due" | "heard";
  readonly ms: number;
}

export interface BellOptions {
  readonly everySeconds: number;
  readonly triggers?: readonly Trigger[];
  /** Added to each node's settings of triggers. */
  readonly settings?: object;
  /** Where each node takes requests. */
  readonly webhookPorts?: readonly number[];
}

/** Three agents whose group has nothing but triggers: a bell that a schedule rings every few seconds at a receiver of its own, and whatever else a test wants. */
export class BellCluster {
  readonly names: readonly string[] = names;
  readonly cluster: LocalCluster;
  readonly receiver: BellReceiver;
  readonly #sinceMs: number;
  readonly #everyMs: number;

  private constructor(cluster: LocalCluster, receiver: BellReceiver, sinceMs: number, everyMs: number) {
    this.cluster = cluster;
    this.receiver = receiver;
    this.#sinceMs = sinceMs;
    this.#everyMs = everyMs;
  }

  static async create({ everySeconds, triggers = [], settings = {}, webhookPorts = [] }: BellOptions): Promise<BellCluster> {
    const sinceMs = Date.now();
    const receiver = await BellReceiver.open();
    const bell = bellTrigger("bell", { kind: "schedule", cron: `*/${everySeconds} * * * * *`, zone: "UTC" }, sinceMs, receiver.url);
    const order = names.map((_, index) => testNodeId(index + 1) as NodeId);
    const ports = webhookPorts.values();
    const cluster = await LocalCluster.create(
      names.length,
      {
        timing: "default",
        groups: [{ name: group, order, resources: [], failback: { mode: "manual" } }],
        dataSets: [{ kind: "state", name: log, group, local: [] }],
        triggers: [bell, ...triggers],
      },
      {
        settingsOf: () => {
          const port = ports.next().value;
          const webhooks = port === undefined ? {} : { webhooks: { port, tls: "off" } };
          return { triggers: { webhookHosts: { "127.0.0.1": {} }, ...settings, ...webhooks } };
        },
      },
    );
    return new BellCluster(cluster, receiver, sinceMs, everySeconds * 1_000);
  }

  async start(): Promise<void> {
    // One after the other: three that compile the same sources at once take a busy machine more than three times as long.
    for (const name of names) await this.cluster.start(name);
    for (const name of names) await this.cluster.until(name, isReady, patienceMs);
  }

  async end(): Promise<void> {
    await this.cluster.end();
    await this.receiver.close();
  }

  /** Who runs the group, by its own word. */
  async holder(): Promise<string> {
    for (const untilMs = performance.now() + patienceMs; performance.now() < untilMs; await sleep(lookEveryMs)) {
      const states = await Promise.allSettled(names.map(async (name) => (await this.cluster.groupOf(name)).state));
      const index = states.findIndex((state) => state.status === "fulfilled" && state.value === "operational");
      if (index !== -1) return names[index] ?? "";
    }
    throw new Error(`nobody runs the group after ${patienceMs} ms`);
  }

  /** The holder loses its power around one of its times. Returns its name; it is still away. */
  async strike({ after, ms }: Moment): Promise<string> {
    const holder = await this.holder();
    const die = await aimAt(this.cluster, holder);
    const ringMs = Math.ceil((Date.now() + aimMs) / this.#everyMs) * this.#everyMs;
    if (after === "due") {
      await sleep(Math.max(0, ringMs + ms - Date.now()));
      die();
      return holder;
    }
    const struck = Promise.withResolvers<void>();
    this.receiver.onRing = ({ id }) => {
      if (id !== idOf(ringMs)) return;
      if (ms > 0) setTimeout(struck.resolve, ms);
      else struck.resolve();
      // Before the answer goes out, where it is to be at once.
      if (ms === 0) die();
    };
    const late = setTimeout(() => struck.reject(new Error(`${idOf(ringMs)} had not come after ${patienceMs} ms`)), patienceMs);
    try {
      await struck.promise;
    } finally {
      clearTimeout(late);
      this.receiver.onRing = () => {};
    }
    if (ms > 0) die();
    return holder;
  }

  /** A server that died comes back, as one whose owner answers for it, and may take the group again. */
  async comeBack(name: string): Promise<void> {
    await this.holder();
    await this.cluster.start(name);
    await this.cluster.client(name).readmit();
    await this.cluster.until(name, isReady, patienceMs);
  }

  /** The same of one that has heard meanwhile that another node was removed: the others hear it from that one. */
  async comeBackWithout(gone: string, name: string): Promise<void> {
    const { document } = this.cluster;
    const version = document.version + 1;
    const goneId = document.nodes.find((node) => node.name === gone)?.nodeId;
    const nodes = document.nodes.filter(({ nodeId }) => nodeId !== goneId);
    const groups = document.groups.map((one) => ({ ...one, order: one.order.filter((node) => node !== goneId) }));
    await this.cluster.giveDocument(name, { ...document, version, nodes, groups });
    await this.comeBack(name);
    for (const node of nodes) await this.cluster.until(node.name, ({ cluster }) => cluster.documentVersion === version, patienceMs);
  }

  /** Everything that the schedule has come to until now, once it was done and stands equal on each of these nodes; or what is not so after so long. */
  async verdict(withinMs: number, of: readonly string[] = names): Promise<BellVerdict> {
    const scheduled = this.#scheduledUpTo(Date.now());
    let verdict: BellVerdict | null = null;
    const isWell = async (): Promise<boolean> => {
      const logs = await Promise.all(of.map(async (name) => [name, await this.sent(name)] as const));
      verdict = bellVerdict(scheduled, this.receiver.rings, new Map(logs));
      const { missed, untold, notDone, differing } = verdict;
      return [missed, untold, notDone, differing].every(({ length }) => length === 0);
    };
    const untilMs = performance.now() + withinMs;
    while (!(await isWell()) && performance.now() < untilMs) await sleep(200);
    if (verdict === null) throw new Error("no log was read");
    return verdict;
  }

  /** What a node has to say of everything that was sent, newest first. */
  async sent(name: string): Promise<readonly SentOccurrence[]> {
    const all: SentOccurrence[] = [];
    for (let before: string | undefined; ; ) {
      const answer = await this.cluster
        .client(name)
        .triggers({ kind: "log", limit: sentLinesMax, ...(before === undefined ? {} : { before }) });
      if (answer.kind !== "log") throw new Error("it was asked for its log");
      all.push(...answer.sent);
      const oldest = answer.sent.at(-1);
      if (answer.sent.length < sentLinesMax || oldest === undefined) return all;
      before = new Date(oldest.dueMs).toISOString();
    }
  }

  #scheduledUpTo(endMs: number): readonly string[] {
    const ids: string[] = [];
    for (let atMs = Math.ceil((this.#sinceMs + 1) / this.#everyMs) * this.#everyMs; atMs <= endMs; atMs += this.#everyMs)
      ids.push(idOf(atMs));
    return ids;
  }
}

/** It has everything, and may take the group or has it. */
function isReady({ dataSets, groups }: AgentStatus): boolean {
  return (
    dataSets.every(({ phase }) => phase === "following") &&
    groups.every(({ ineligible, state }) => ineligible === null || state === "operational")
  );
}

function idOf(dueMs: number): string {
  return `bell/${new Date(dueMs).toISOString().replace(".000Z", "Z")}`;
}

/** Of the cluster's one group, and its one action a request to `url`. */
export function bellTrigger(name: string, source: Trigger["source"], sinceMs: number, url: string): Trigger {
  return {
    name,
    group,
    log,
    since: new Date(sinceMs).toISOString(),
    source,
    actions: [{ kind: "webhook", name: "ring", url }],
    late: { withinSeconds: 3_600, atMost: 100 },
    keptDays: 90,
  };
}
