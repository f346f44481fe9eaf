import type { Logger } from "pino";
import { holdingStates } from "../../shared/domain/failover/group-states.ts";
import type { NodeView } from "../../shared/domain/failover/node-view.ts";
import type { GroupName, NodeId } from "../../shared/domain/ids.ts";
import { namedOf } from "../../shared/domain/membership/members.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import { describeEvent } from "../../shared/domain/monitoring/describe-event.ts";
import type { MonotonicUs } from "../../shared/domain/time.ts";
import { RecordWriter } from "../../shared/voter/record-writer.ts";
import { reasonOf } from "../agent-error.ts";
import type { GroupStandings } from "../answers/group-standing.ts";
import type { CloudLink } from "../cloud/cloud-link.ts";
import type { EventRecorder } from "../cloud/event-recorder.ts";
import type { Outbox } from "../cloud/outbox.ts";
import type { TrustStore } from "../cloud/trust-store.ts";
import type { WitnessClient } from "../cloud/witness-client.ts";
import type { Replication } from "../replication/replication.ts";
import { lookAtLan } from "../resources/lan-lookout.ts";
import type { LeftResource } from "../resources/left-behind.ts";
import type { GuardedResource } from "../resources/resource.ts";
import { storeNodeRecord } from "../storage/node-record.ts";
import { CloudWays } from "./cloud-ways.ts";
import type { ControlLoopHandle } from "./control-loop-handle.ts";
import { Detachment } from "./detachment.ts";
import { DocumentDesk } from "./document-desk.ts";
import type { GapHistory } from "./gap-history.ts";
import { guardedResources } from "./guarded-resources.ts";
import type { FromLoop } from "./loop-messages.ts";
import type { NodeCondition } from "./node-condition.ts";
import { OperatorRequests } from "./operator-requests.ts";
import type { SilenceWatch } from "./silence-watch.ts";

/** What the main thread works with from the beginning. */
export interface MainThreadParts {
  readonly nodeId: NodeId;
  readonly log: Logger;
  readonly trust: TrustStore;
  readonly recorder: EventRecorder;
  readonly outbox: Outbox;
  readonly condition: NodeCondition;
  readonly gaps: GapHistory;
  readonly standings: GroupStandings;
  readonly silences: SilenceWatch;
  readonly nodeRecordPath: string;
  readonly cloudVote: Pick<WitnessClient, "answer">;
  /** Whoever else goes by what the core believes, in this order. */
  readonly viewers: readonly { readonly viewChanged: (view: NodeView) => void }[];
  /** It goes on with what an earlier agent has left: nothing is said of this node before its guardian is heard. */
  readonly isReadopting: boolean;
}

/** The threads, which are started after it, since they call back. */
export interface StartedThreads {
  readonly loop: ControlLoopHandle;
  readonly replication: Replication;
}

/** The main thread's part: between the control loop, which decides, and everything that is slow: data, disk and cloud. */
export class MainThread {
  readonly #parts: MainThreadParts;
  readonly #recordWriter: RecordWriter;
  readonly detachment = new Detachment((message) => this.#started?.loop.post(message));
  readonly cloudWays = new CloudWays((isDoubtful) => this.#started?.loop.post({ type: "cloud-way", isDoubtful }));
  readonly operator: OperatorRequests;
  readonly documents: DocumentDesk;
  #started: StartedThreads | null = null;
  #cloud: CloudLink | null = null;
  #awaitsGuardian: boolean;
  #view: NodeView = { takenAtUs: 0, quarantinedForMs: 0, groups: [], peers: [], documentVersion: 1 };
  #guardianPid: number | null = null;
  #reachable = "";
  #holdings = "";
  #onReleased: (message: Extract<FromLoop, { type: "released-everything" }>) => void = () => {};

  constructor(parts: MainThreadParts) {
    this.#parts = parts;
    this.operator = new OperatorRequests({
      nodeId: parts.nodeId,
      trust: parts.trust,
      post: (message) => this.#started?.loop.post(message),
      view: () => this.#view,
      named: (sentence) => this.#named(sentence),
    });
    this.documents = new DocumentDesk({
      trust: parts.trust,
      log: parts.log,
      record: (detail) => this.record(detail),
      inForce: (trusted) => {
        this.#started?.loop.post({ type: "document", trusted });
        this.#started?.replication.documentChanged(trusted.document);
        this.tellStatus();
      },
    });
    this.#awaitsGuardian = parts.isReadopting;
    this.#recordWriter = new RecordWriter({
      store: (record, stored) => storeNodeRecord(parts.nodeRecordPath, record, stored),
      after: (ms, then) => void setTimeout(then, ms).unref(),
      onWritten: (record) => this.#started?.loop.post({ type: "persisted", record }),
      onTrouble: (reason) => parts.log.error(`${reason}. Without it this node can make no new promises: free space on its disk.`),
    });
  }

  get view(): NodeView {
    return this.#view;
  }

  get guardianPid(): number | null {
    return this.#guardianPid;
  }

  /** Before anything that the loop has said is taken: an answer to it must find its way. */
  started(threads: StartedThreads): void {
    this.#started = threads;
    this.tellStatus();
  }

  cloudOpened(cloud: CloudLink): void {
    this.#cloud = cloud;
  }

  /** Into the outbox, the log, and on its way to the cloud. */
  record(detail: EventDetail): void {
    if (detail.kind === "agent.detach-refused") this.detachment.refused(this.#named(detail.reason));
    this.operator.eventTold(detail);
    const { recorder, outbox, log, nodeId } = this.#parts;
    const event = recorder.event(detail);
    outbox.add(event);
    const level = event.severity === "critical" ? "error" : event.severity === "warning" ? "warn" : "info";
    log[level](
      { event: detail.kind, eventId: event.eventId },
      describeEvent(detail, nodeId, (node) => this.nameOf(node)),
    );
    this.#cloud?.outboxChanged();
  }

  nameOf(node: NodeId): string {
    return namedOf(this.#parts.trust.current.document).find(({ nodeId }) => nodeId === node)?.name ?? node;
  }

  /** Tells the core what the rest of the agent knows of this node. */
  tellStatus(): void {
    const { condition, trust } = this.#parts;
    if (!this.#awaitsGuardian) this.#started?.loop.post({ type: "status", status: condition.status(trust.current.document) });
  }

  takeFromLoop(message: FromLoop): void {
    const { log } = this.#parts;
    switch (message.type) {
      case "guardian-connected":
        this.#guardianPid = message.pid;
        this.#awaitsGuardian = false;
        this.#parts.condition.guardianChanged(true);
        return this.tellStatus();
      case "prepare":
        return void this.#prepare(message.group, message.epoch);
      case "look":
        return void this.#look(message.group, message.lookId);
      case "probe":
        return void this.#probe(message.askedAtUs, message.groups);
      case "resource-failed":
        return this.#resourceFailed(message.group, message.resource, message.reason);
      case "report":
        return this.record(this.#withNames(message.detail));
      case "persist":
        return this.#recordWriter.write(message.record);
      case "ask-cloud":
        return void this.#parts.cloudVote.answer(message).then((answer) => this.#started?.loop.post(answer));
      case "offered-document":
        return void this.documents.offer(message.jws, this.nameOf(message.from));
      case "view":
        return this.#viewChanged(message.view);
      case "gaps":
        return this.#parts.gaps.add(message.seen);
      case "outlook":
        return this.operator.outlookTold(message.outlook);
      case "log":
        return log.warn(message.text);
      case "detached":
      case "guardian-waits":
        return this.detachment.take(message);
      case "released-everything":
        return this.#onReleased(message);
      case "listening":
      case "start-refused":
        return;
    }
  }

  /** Asks the core to give everything back; null where it has not by then. */
  async release(reason: string, patienceMs: number): Promise<Extract<FromLoop, { type: "released-everything" }> | null> {
    const released = new Promise<Extract<FromLoop, { type: "released-everything" }>>((resolve) => {
      this.#onReleased = resolve;
    });
    this.#started?.loop.post({ type: "shutdown", reason });
    const patience = Promise.withResolvers<null>();
    const timer = setTimeout(() => patience.resolve(null), patienceMs);
    const outcome = await Promise.race([released, patience.promise]);
    clearTimeout(timer);
    return outcome;
  }

  #withNames(detail: EventDetail): EventDetail {
    return "reason" in detail ? { ...detail, reason: this.#named(detail.reason).slice(0, 1_000) } : detail;
  }

  /** A sentence of the core's, with names in place of ids. */
  #named(sentence: string): string {
    return namedOf(this.#parts.trust.current.document).reduce((text, { nodeId, name }) => text.replaceAll(nodeId, name), sentence);
  }

  /** An earlier agent or guardian ended without taking these down. */
  recordLeftBehind(left: readonly LeftResource[], reason: string): void {
    for (const { kind, name } of left)
      this.record(
        kind === "service" ? { kind: "service.left-behind", service: name, reason } : { kind: "address.left-behind", name, reason },
      );
  }

  guardianDied(): void {
    this.#guardianPid = null;
    this.#awaitsGuardian = false;
    this.#parts.condition.guardianChanged(false);
    this.tellStatus();
  }

  /** The data first: the application shall see everything that this node had received. */
  async #prepare(group: GroupName, epoch: number): Promise<void> {
    const seen = this.#parts.silences.sightings(group);
    try {
      await this.#started?.replication.becameOperational({ group, epoch });
      this.#started?.loop.post({ type: "prepared", group, epoch, seen });
    } catch (error) {
      this.#started?.loop.post({ type: "not-prepared", group, epoch, reason: `its data could not be made ready: ${reasonOf(error)}` });
    }
  }

  /** Whatever was written up to now: seen, on its way to the other nodes, and told to the core. */
  async #look(group: GroupName, lookId: number): Promise<void> {
    const { condition, trust, standings, log } = this.#parts;
    standings.writesCounted(group);
    try {
      await this.#started?.replication.flush();
      this.#started?.loop.post({ type: "looked", group, lookId, status: condition.status(trust.current.document) });
    } catch (error) {
      // Not answered: the core then waits as long as it may, and takes the group up again here.
      log.error(`what the services of group ${group} wrote last could not be looked at: ${reasonOf(error)}`);
    }
  }

  /** An answer that stays away makes the core wait, and take nothing over. */
  async #probe(askedAtUs: MonotonicUs, groups: readonly GroupName[]): Promise<void> {
    const { trust, log } = this.#parts;
    try {
      const { document } = trust.current;
      const addressesOf = (group: GroupName): string[] =>
        guardedResources(document, group).flatMap((resource) => (resource.kind === "address" ? [resource.address] : []));
      const sighting = await lookAtLan(groups.map((group) => ({ group, addresses: addressesOf(group) })));
      this.#started?.loop.post({ type: "probed", askedAtUs, ...sighting });
    } catch (error) {
      log.error(`whether anybody answers for the cluster's addresses cannot be found out: ${reasonOf(error)}`);
    }
  }

  /** A view without groups is one from before the first document: it says nothing. */
  #holdingsChanged({ groups }: NodeView): void {
    if (groups.length === 0) return;
    const holdings = groups.filter(({ state }) => holdingStates.has(state)).map(({ group, epoch }) => ({ group, epoch }));
    const now = JSON.stringify(holdings);
    if (now === this.#holdings) return;
    this.#holdings = now;
    this.#started?.replication.holdingsChanged(holdings);
  }

  #resourceFailed(group: GroupName, resource: GuardedResource, fullReason: string): void {
    const { condition } = this.#parts;
    const retryAfterMs = condition.resourceFailed(resource, fullReason);
    const reason = fullReason.slice(0, 1_000);
    const { name } = resource;
    if (resource.kind === "service") this.record({ kind: "service.failed", group, service: name, reason });
    else this.record({ kind: "address.failed", group, name, address: resource.address, reason });
    this.tellStatus();
    setTimeout(() => this.tellStatus(), retryAfterMs).unref();
  }

  #viewChanged(view: NodeView): void {
    this.#view = view;
    this.#parts.standings.viewChanged(view);
    this.operator.viewChanged(view);
    for (const viewer of this.#parts.viewers) viewer.viewChanged(view);
    this.#holdingsChanged(view);
    const heard = view.peers.filter((peer) => peer.reachable);
    const reachable = heard.map(({ nodeId, paths }) => ({ nodeId, paths: paths.filter((path) => path.heard).map(({ name }) => name) }));
    const ways = reachable.map(({ nodeId, paths }) => [nodeId, ...paths].join(" "));
    const now = ways.toSorted().join();
    if (now === this.#reachable) return;
    this.#reachable = now;
    this.#started?.replication.reachableChanged(reachable);
  }
}
