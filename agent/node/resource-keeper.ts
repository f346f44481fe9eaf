import type { NodeEvent } from "../../shared/domain/failover/events.ts";
import type { GroupName } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import type { AddressLook, AddressSighting } from "../../shared/domain/monitoring/takeover-course.ts";
import { type MonotonicUs, usFromMs } from "../../shared/domain/time.ts";
import type { GuardedResource } from "../resources/resource.ts";
import type { GuardianNotice, GuardianOrder, Hold } from "./guardian-protocol.ts";
import { sightedLooks } from "./sighted-looks.ts";
import type { Seen } from "./silence-watch.ts";

/** An order that the guardian has not answered this long before the lease ends is carried out without it. */
const hangReserveMs = 10;
/** But it always has this time: where the lease has ended, the guardian is at it already. */
const answerMsMin = 100;
/** Where a group does not swap on a reset: a service that fails again within this time after it was started anew is no passing fault. */
const resetProvenAfterMs = 60_000;
/** The guardian is asked this often whether it is there, by `askGuardian`. */
export const guardianAskedEveryMs = 250;
/**
 * So many questions in a row unanswered, and it hangs: nobody renews the addresses' time in the kernel any more, and nobody would obey an order. More
 * than a busy machine keeps it waiting, at its raised priority.
 */
const unansweredMax = 6;
/** A resource that fails is started anew where the group is still here after this time: nobody else was fit. Doubled each time. */
const restartPauseMs = { first: 1_000, most: 60_000 } as const;

export interface ResourceKeeperPorts {
  readonly nowUs: () => MonotonicUs;
  /** Calls back once at the instant, unless it is cancelled before. */
  readonly callAt: (atUs: MonotonicUs, callback: () => void) => { cancel(): void };
  readonly resourcesOf: (group: GroupName) => readonly GuardedResource[];
  /** Whether the group moves at once where one of its services dies; else that is started anew first. */
  readonly swapsOnReset: (group: GroupName) => boolean;
  /** How long a start of these may take, all in all. */
  readonly startPatienceMs: (resources: readonly GuardedResource[]) => number;
  /** What the services' stop commands may take beyond the end of their processes: they may act on what the agent cannot see. */
  readonly stopPatienceMs: (resources: readonly GuardedResource[]) => number;
  /** False where no guardian is there. */
  readonly order: (order: GuardianOrder) => boolean;
  /** Asks the main thread to make the data ready first; answered by `prepared` or `refuse`. */
  readonly prepare: (group: GroupName, epoch: number) => void;
  readonly answer: (event: NodeEvent) => void;
  /** Not well, or could not be started: for people, and for this node's eligibility. */
  readonly resourceFailed: (group: GroupName, resource: GuardedResource, reason: string) => void;
  readonly report: (detail: EventDetail) => void;
  /** The guardian does not do what it must before the lease ends: ends it and the services' processes with SIGKILL, from this thread. */
  readonly killWithout: (pids: readonly number[]) => void;
  readonly log: (text: string) => void;
}

interface KeptGroup {
  epoch: number;
  phase: "preparing" | "starting" | "up" | "stopping";
  pids: number[];
  /** Of its addresses, as they were set. */
  looks: AddressLook[];
  /** What was seen of them before. */
  seen: readonly Seen<AddressSighting>[];
  timer: { cancel(): void } | null;
  /** What has failed since it was up, and is to be started anew where the group stays; and how often that was done. */
  failed: GuardedResource[];
  restarts: number;
  /** When a service was last started anew in place of a move; null: not in this tenure. */
  resetAtUs: MonotonicUs | null;
}

/** Carries the core's effects on resources out through the guardian, and turns what the guardian says into the core's events. */
export class ResourceKeeper {
  readonly #ports: ResourceKeeperPorts;
  readonly #groups = new Map<GroupName, KeptGroup>();
  #unanswered = 0;
  /** Why this agent has killed its guardian, until that is swept. */
  #killedBecause: string | null = null;

  constructor(ports: ResourceKeeperPorts) {
    this.#ports = ports;
  }

  /**
   * A guardian that hangs while something runs is killed, with what runs: the group then goes to another node, as where it has died. Questions are
   * counted, not time: an agent that was frozen itself has asked none meanwhile.
   */
  askGuardian(): void {
    const kept = [...this.#groups.values()];
    if (!kept.some(({ phase }) => phase !== "preparing")) {
      this.#unanswered = 0;
    } else if (this.#unanswered < unansweredMax) {
      if (this.#ports.order({ type: "are-you-alive" })) this.#unanswered += 1;
    } else {
      this.#unanswered = 0;
      this.#killedBecause = `the guardian process hung for ${(unansweredMax * guardianAskedEveryMs) / 1_000} s, so the agent killed it`;
      this.#ports.log(`${this.#killedBecause}, and the services that it ran`);
      this.#ports.killWithout(kept.flatMap(({ pids }) => pids));
    }
  }

  /** The beat that the guardian needs: a group whose lease is not said to go on is taken down when it ends. */
  hold(hold: Hold): void {
    this.#ports.order({ type: "hold", ...hold });
  }

  /** To whom the guardian speaks should this agent die. */
  membersChanged(document: ClusterDocument): void {
    this.#ports.order({ type: "members", document });
  }

  /** A part of the network is back, whose hosts may not know who holds this node's addresses. */
  announce(): void {
    this.#ports.order({ type: "announce" });
  }

  start(group: GroupName, epoch: number): void {
    const patienceUs = usFromMs(this.#ports.startPatienceMs(this.#ports.resourcesOf(group)));
    const timer = this.#ports.callAt(this.#ports.nowUs() + patienceUs, () => {
      // It stays kept: what may still run is taken down by the order to stop that follows.
      this.#ports.answer({ type: "resources-failed", group, epoch, reason: "nothing answered the order to start in time" });
    });
    this.#groups.get(group)?.timer?.cancel();
    this.#groups.set(group, {
      epoch,
      phase: "preparing",
      pids: this.#groups.get(group)?.pids ?? [],
      looks: [],
      seen: [],
      timer,
      failed: [],
      restarts: 0,
      resetAtUs: null,
    });
    this.#ports.prepare(group, epoch);
  }

  /** An earlier agent has left it running under this epoch. */
  goesOn(group: GroupName, epoch: number): void {
    this.#groups.set(group, { epoch, phase: "up", pids: [], looks: [], seen: [], timer: null, failed: [], restarts: 0, resetAtUs: null });
  }

  /** The data are ready: start. */
  prepared(group: GroupName, epoch: number, seen: readonly Seen<AddressSighting>[]): void {
    const kept = this.#current(group, epoch, "preparing");
    if (kept === undefined) return;
    kept.seen = seen;
    kept.phase = "starting";
    if (this.#ports.order({ type: "start", group, epoch, resources: this.#ports.resourcesOf(group) })) return;
    this.#fail(group, epoch, "the guardian, which runs the resources, is not there at the moment");
  }

  refuse(group: GroupName, epoch: number, reason: string): void {
    if (this.#current(group, epoch, "preparing") !== undefined) this.#fail(group, epoch, reason);
  }

  /** The document has changed: a running group gets what it names now. */
  resourcesChanged(): void {
    for (const [group, kept] of this.#groups) {
      if (kept.phase === "up") this.#ports.order({ type: "start", group, epoch: kept.epoch, resources: this.#ports.resourcesOf(group) });
    }
  }

  stop(group: GroupName, epoch: number, deadlineUs: MonotonicUs): void {
    const kept = this.#groups.get(group);
    kept?.timer?.cancel();
    if (kept === undefined || kept.phase === "preparing") return this.#down(group, epoch);
    kept.phase = "stopping";
    kept.epoch = epoch;
    const { nowUs, stopPatienceMs, resourcesOf } = this.#ports;
    const answerByUs =
      Math.max(deadlineUs - usFromMs(hangReserveMs), nowUs() + usFromMs(answerMsMin)) + usFromMs(stopPatienceMs(resourcesOf(group)));
    kept.timer = this.#ports.callAt(answerByUs, () => {
      this.#ports.log(`the guardian did not stop group ${group} in time, so the agent kills its services and the guardian`);
      this.#ports.killWithout(kept.pids);
    });
    // Without a guardian nothing runs, or will in a moment: the main thread is sweeping, and says so by `swept`.
    this.#ports.order({ type: "stop", group, epoch, deadlineUs });
  }

  /** Whatever the guardian said. */
  take(notice: GuardianNotice): void {
    this.#unanswered = 0;
    switch (notice.type) {
      case "hello":
      case "alive":
      case "detached":
        return;
      case "trouble":
        return this.#ports.log(`guardian: ${notice.reason}`);
      case "spawned":
        return void this.#groups.get(notice.group)?.pids.push(notice.pid);
      case "address-up":
        return void this.#current(notice.group, notice.epoch, "starting")?.looks.push(notice.look);
      case "started":
        return this.#started(notice.group, notice.epoch);
      case "start-failed":
        if (this.#isRunning(notice)) this.#startFailed(notice);
        return;
      case "stopped":
        if (this.#current(notice.group, notice.epoch, "stopping") !== undefined) this.#down(notice.group, notice.epoch);
        return;
      case "resource-failed":
        if (this.#isRunning(notice)) this.#resourceFailed(notice);
        return;
      case "report":
        return this.#ports.report(notice.detail);
      case "fenced":
        if (this.#isRunning(notice)) this.#fail(notice.group, notice.epoch, notice.reason);
        return;
    }
  }

  /** The guardian has ended, and the main thread has killed whatever it had left running. */
  swept(reason: string): void {
    const why = this.#killedBecause ?? reason;
    this.#killedBecause = null;
    for (const [group, kept] of this.#groups) {
      if (kept.phase === "stopping") this.#down(group, kept.epoch);
      else if (kept.phase !== "preparing") this.#fail(group, kept.epoch, why);
    }
  }

  #started(group: GroupName, epoch: number): void {
    const kept = this.#current(group, epoch, "starting");
    if (kept === undefined) return;
    kept.timer?.cancel();
    kept.timer = null;
    kept.phase = "up";
    this.#ports.answer({ type: "resources-started", group, epoch, addresses: sightedLooks(kept.looks, kept.seen) });
  }

  /** The core gives the group to a node that is fit; where there is none it stays, and what has failed is started anew. */
  #resourceFailed({ group, epoch, resource, reason }: Extract<GuardianNotice, { type: "resource-failed" }>): void {
    const kept = this.#current(group, epoch, "up");
    if (kept !== undefined && this.#staysOnReset(group, kept, resource)) return this.#reset(group, kept, resource, reason);
    this.#ports.resourceFailed(group, resource, reason);
    if (kept === undefined) return;
    kept.failed.push(resource);
    if (kept.timer !== null) return;
    const pauseMs = Math.min(restartPauseMs.first * 2 ** kept.restarts, restartPauseMs.most);
    kept.timer = this.#ports.callAt(this.#ports.nowUs() + usFromMs(pauseMs), () => this.#restart(group, epoch));
  }

  #staysOnReset(group: GroupName, { resetAtUs }: KeptGroup, { kind }: GuardedResource): boolean {
    if (kind !== "service" || this.#ports.swapsOnReset(group)) return false;
    return resetAtUs === null || this.#ports.nowUs() - resetAtUs >= usFromMs(resetProvenAfterMs);
  }

  /** Started anew at once, and this node stays fit for the group: should it fail again, or not start, the group moves after all. */
  #reset(group: GroupName, kept: KeptGroup, resource: GuardedResource, reason: string): void {
    kept.resetAtUs = this.#ports.nowUs();
    this.#ports.report({ kind: "service.restarted", group, service: resource.name, reason: reason.slice(0, 1_000) });
    this.#ports.order({ type: "restart", group, epoch: kept.epoch, resources: this.#ports.resourcesOf(group), failed: [resource] });
  }

  #restart(group: GroupName, epoch: number): void {
    const kept = this.#current(group, epoch, "up");
    if (kept === undefined) return;
    const { failed } = kept;
    kept.timer = null;
    kept.failed = [];
    kept.restarts += 1;
    this.#ports.log(
      `group ${group} is still here, and what has failed of it is started anew: ${failed.map(({ name }) => name).join(", ")}`,
    );
    this.#ports.order({ type: "restart", group, epoch, resources: this.#ports.resourcesOf(group), failed });
  }

  #startFailed(notice: Extract<GuardianNotice, { type: "start-failed" }>): void {
    const { group, epoch, resource, reason } = notice;
    this.#ports.resourceFailed(group, resource, reason);
    this.#fail(group, epoch, `${resource.kind} ${resource.name}: ${reason}`);
  }

  /** Not up, and not coming up by itself. What may still run is taken down before anything else happens to the group. */
  #fail(group: GroupName, epoch: number, reason: string): void {
    const kept = this.#groups.get(group);
    if (kept?.epoch !== epoch) return;
    kept.timer?.cancel();
    this.#groups.delete(group);
    this.#ports.answer({ type: "resources-failed", group, epoch, reason });
  }

  #down(group: GroupName, epoch: number): void {
    this.#groups.get(group)?.timer?.cancel();
    this.#groups.delete(group);
    this.#ports.answer({ type: "resources-stopped", group, epoch });
  }

  #current(group: GroupName, epoch: number, phase: KeptGroup["phase"]): KeptGroup | undefined {
    const kept = this.#groups.get(group);
    return kept?.epoch === epoch && kept.phase === phase ? kept : undefined;
  }

  #isRunning(notice: { readonly group: GroupName; readonly epoch: number }): boolean {
    const kept = this.#groups.get(notice.group);
    return kept?.epoch === notice.epoch && (kept.phase === "starting" || kept.phase === "up");
  }
}
