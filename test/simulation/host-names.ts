import { GroupStandings } from "../../agent/answers/group-standing.ts";
import { DnsRecords, type KeptRecord } from "../../agent/dns/dns-records.ts";
import { fenceText } from "../../shared/domain/dns/fence.ts";
import { type Attempt, afterAttempt, newKeeping } from "../../shared/domain/dns/keep-course.ts";
import {
  afterAddress,
  afterChange,
  afterFence,
  firstMove,
  type SeenFence,
  type UpdateMove,
} from "../../shared/domain/dns/update-course.ts";
import { viewOf } from "../../shared/domain/failover/node-view.ts";
import type { NodeState } from "../../shared/domain/failover/step.ts";
import { namesKey } from "./cluster.ts";
import type { Host } from "./host.ts";
import type { NameServer, NameValue } from "./name-server.ts";
import type { NameService } from "./name-service.ts";
import type { World } from "./world.ts";

const viewEveryUs = 50_000;

/** Where the keeping of a name at a server stands; `done`: the last attempt went well. */
export type KeepingStage = "busy" | "waits" | "done" | "overtaken";

interface Seen extends SeenFence {
  readonly value: NameValue;
}

/** The production's part that points the groups' names at this node, on virtual servers: `DnsRecords` and its rules, carried out by events instead of sockets. */
export class HostNames {
  readonly #world: World;
  readonly #host: Host;
  readonly #service: NameService;
  readonly #keepers = new Map<string, KeptRecord>();
  readonly #stages = new Map<string, KeepingStage>();
  #standings: GroupStandings;
  #records: DnsRecords | null = null;
  #isLooking = false;
  /** What has come for a process that is stopped. */
  #waiting: (() => void)[] = [];

  constructor(world: World, host: Host, service: NameService) {
    this.#world = world;
    this.#host = host;
    this.#service = service;
    this.#standings = this.#newStandings();
  }

  stageAt(server: NameServer, domainName: string): KeepingStage | null {
    return this.#stages.get(`${server.host} ${domainName}`) ?? null;
  }

  /** Another run of the agent. */
  start(): void {
    this.end();
    this.#standings = this.#newStandings();
    this.#records = new DnsRecords({
      nodeId: this.#host.id,
      keys: { [namesKey]: { secret: "" } },
      document: () => this.#host.document,
      standings: this.#standings,
      keep: (record) => this.#keep(record),
      record: (detail) => this.#world.note(this.#host, detail),
      log: (text) => this.#world.log(this.#host, text),
    });
  }

  end(): void {
    this.#records?.close();
    this.#records = null;
    this.#waiting = [];
    this.#stages.clear();
  }

  resume(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const run of waiting) run();
  }

  /** The rest of the agent hears of the core's state a little later, again and again; here as long as there is anything to say or to keep. */
  stepped(state: NodeState): void {
    if (!this.#isLooking && isOperational(state)) this.#lookLater();
  }

  #lookLater(): void {
    this.#isLooking = true;
    this.#host.machine.after(viewEveryUs, () => {
      this.#isLooking = false;
      const { state, localUs } = this.#host;
      if (state === null) return;
      if (this.#host.process === "running") this.#standings.viewChanged(viewOf(state, localUs));
      if (isOperational(state) || this.#stages.size > 0) this.#lookLater();
    });
  }

  #keep(record: KeptRecord): void {
    const { target, signal } = record;
    const server = this.#service.server(target.server.host);
    const name = `${server.host} ${target.domainName}`;
    signal.addEventListener("abort", () => {
      if (this.#keepers.get(name) !== record) return;
      this.#keepers.delete(name);
      this.#stages.delete(name);
      if (this.#world.mutant?.names === "taken-along") this.#takeAlong(server, record);
    });
    this.#keepers.set(name, record);
    let keeping = newKeeping;
    const attempt = (): void => {
      this.#stages.set(name, "busy");
      this.#move(record, server, firstMove, (ended) => {
        const next = afterAttempt(keeping, ended);
        keeping = next.keeping;
        if (ended.is === "updated") record.updated(0);
        if (ended.is === "overtaken") record.overtaken(ended.by);
        if (ended.is === "failed" && next.isTold) record.failed(ended.reason);
        this.#stages.set(name, stageAfter(ended));
        if (next.pauseMs !== null) this.#host.machine.after(next.pauseMs * 1_000, () => this.#whenRunning(signal, attempt));
      });
    };
    attempt();
  }

  /** One move after the other, until the attempt has ended. */
  #move(record: KeptRecord, server: NameServer, move: UpdateMove<Seen>, ended: (attempt: Attempt) => void): void {
    const { target } = record;
    const { domainName, fence, address } = target;
    const on = (next: UpdateMove<Seen>): void => this.#move(record, server, next, ended);
    switch (move.do) {
      case "look-at-fence":
        return this.#ask(
          record,
          server,
          () => ({ value: server.valueOf(domainName) }),
          ended,
          ({ value }) => on(afterFence(fence, move.race, value === null ? null : { fence: value.fence, value })),
        );
      case "look-at-address":
        return this.#ask(
          record,
          server,
          () => ({ value: server.valueOf(domainName) }),
          ended,
          ({ value }) => on(afterAddress(move.race, move.seen, value?.address === address)),
        );
      case "change": {
        if (!target.isCurrent()) return on(afterChange(move.race, "not-current"));
        const change = { domainName, seen: move.seen?.value.text ?? null, text: fenceText(fence), address };
        const isAsked = this.#world.mutant?.names !== "unfenced";
        return this.#ask(
          record,
          server,
          () => ({ isDone: server.change(change, isAsked) }),
          ended,
          ({ isDone }) => on(afterChange(move.race, isDone ? "changed" : "fence-has-changed")),
        );
      }
      case "end":
        return ended(move.outcome);
      case "fail":
        return ended({ is: "failed", reason: move.because });
    }
  }

  #ask<Answer>(
    { signal }: KeptRecord,
    server: NameServer,
    serve: () => Answer,
    ended: (attempt: Attempt) => void,
    then: (answer: Answer) => void,
  ): void {
    this.#service.ask(this.#host, server, serve, (answer) =>
      this.#whenRunning(signal, () => (answer === null ? ended({ is: "failed", reason: "no answer" }) : then(answer))),
    );
  }

  #whenRunning({ aborted }: AbortSignal, run: () => void): void {
    if (aborted) return;
    if (this.#host.process === "paused") this.#waiting.push(() => run());
    else run();
  }

  /** A planted bug: who lets the group go takes its name away. */
  #takeAlong(server: NameServer, { target: { domainName, fence } }: KeptRecord): void {
    const serve = (): boolean => {
      const value = server.valueOf(domainName);
      return value !== null && server.change({ domainName, seen: value.text, text: fenceText(fence), address: null });
    };
    this.#service.ask(this.#host, server, serve, () => {});
  }

  #newStandings(): GroupStandings {
    return new GroupStandings(() => this.#host.localUs);
  }
}

function isOperational({ groups }: NodeState): boolean {
  return Object.values(groups).some(({ state }) => state === "operational");
}

function stageAfter({ is }: Attempt): KeepingStage {
  if (is === "updated" || is === "kept") return "done";
  return is === "overtaken" ? is : "waits";
}
