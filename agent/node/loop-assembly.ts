import { randomUUID } from "node:crypto";
import type { MessagePort } from "node:worker_threads";
import { limits } from "../../shared/config/limits.ts";
import { failoverSettings } from "../../shared/config/timing.ts";
import { ControlLoop } from "../../shared/domain/failover/control-loop.ts";
import { viewOf } from "../../shared/domain/failover/node-view.ts";
import { cleanStopOf, initialState, step } from "../../shared/domain/failover/step.ts";
import { switchoverOutlook } from "../../shared/domain/failover/switchover-outlook.ts";
import { testamentOf } from "../../shared/domain/failover/testament.ts";
import type { NodeId, PathName } from "../../shared/domain/ids.ts";
import { mainPath } from "../../shared/domain/membership/lan-path.ts";
import { decodeLanMessage, encodeLanMessage, type LanMessage } from "../../shared/protocol/codec.ts";
import type { DocumentInForce } from "../cloud/trust-store.ts";
import { startAedesBroker } from "../link/aedes-broker.ts";
import { CopyFilter } from "../link/copy-filter.ts";
import type { NodeIdentity } from "../link/identity.ts";
import { LanMembers } from "../link/lan-members.ts";
import { openMqttPeerLink } from "../link/mqtt-peer-link.ts";
import { OwnCertificates } from "../link/own-certificates.ts";
import { PeerMesh } from "../link/peer-mesh.ts";
import { addressStartMsMax } from "../resources/address.ts";
import { sendSignal } from "../resources/marked-processes.ts";
import { monotonicUs } from "../resources/monotonic.ts";
import type { GuardedResource } from "../resources/resource.ts";
import { boundedReason, reasonBytesMax } from "./bounded-reason.ts";
import { CloudVoting } from "./cloud-voting.ts";
import { guardedResources } from "./guarded-resources.ts";
import { GuardianLink } from "./guardian-link.ts";
import { HeartbeatGaps } from "./heartbeat-gaps.ts";
import type { FromLoop, LoopSettings, ToLoop } from "./loop-messages.ts";
import { callAt } from "./loop-timer.ts";
import { RefusalLog } from "./refusal-log.ts";
import { guardianAskedEveryMs, ResourceKeeper } from "./resource-keeper.ts";
import { StatusFeed } from "./status-feed.ts";
import { ThreadBeats } from "./thread-beats.ts";
import { raiseSessionPriority, raiseThreadPriority } from "./thread-priority.ts";

/** The core's picture of the other threads is renewed this often, whether or not they say anything. */
const statusIntervalMs = 250;
/**
 * The rest of the agent gets the core's view this often, and at once when a group's state changes. A view tells how long the
 * lease holds, and nobody claims to be operational by an older one: so it comes as often as the fastest heartbeat.
 */
const viewIntervalMs = 50;
/** Gaps between heartbeats are handed over this often; they are for people, and cost the loop next to nothing. */
const gapsIntervalMs = 5_000;
/** Beyond the resources' own time-outs, for everything around them. */
const startReserveMs = 5_000;

/** Builds the control loop's thread: broker, peers, guardian and core. Resolves when it listens; throws where it cannot. */
export async function runControlLoop(settings: LoopSettings, main: MessagePort, tell: (message: FromLoop) => void): Promise<void> {
  const { nodeId, record } = settings;
  const own = new OwnCertificates(settings.identities);
  const members = new LanMembers(nodeId, settings.trusted.document);
  const beats = new ThreadBeats(settings.beats);
  const refusals = new RefusalLog(
    (text) => tell({ type: "log", text }),
    () => performance.now(),
  );
  const priorityProblem = raiseThreadPriority() ?? raiseSessionPriority();
  if (priorityProblem !== null)
    refusals.say(`the control loop and the guardian run at ordinary priority, and may be late on a busy machine: ${priorityProblem}`);
  let trusted: DocumentInForce = settings.trusted;
  let wake: { cancel(): void } | null = null;
  let guardianPid: number | null = null;
  let shownStates = "";
  const gaps = new HeartbeatGaps(monotonicUs);

  const keeper = new ResourceKeeper({
    nowUs: monotonicUs,
    callAt,
    resourcesOf: (group) => guardedResources(trusted.document, group),
    swapsOnReset: (group) => trusted.document.groups.find(({ name }) => name === group)?.swapOnReset !== false,
    startPatienceMs: (resources) => resources.reduce((sum, resource) => sum + startMsMax(resource, settings), startReserveMs),
    stopPatienceMs: (resources) =>
      Math.max(0, ...resources.map(({ kind, name }) => (kind === "service" ? (settings.stopCommandTimeoutsMs[name] ?? 0) : 0))),
    order: (order) => guardian.order(order),
    prepare: (group, epoch) => tell({ type: "prepare", group, epoch }),
    answer: (event) => {
      const bytesMax = reasonBytesMax(trusted.document.groups.length, limits.groupsPerClusterMax);
      loop.take(event.type === "resources-failed" ? { ...event, reason: boundedReason(event.reason, bytesMax) } : event);
    },
    resourceFailed: (group, resource, reason) => tell({ type: "resource-failed", group, resource, reason }),
    report: (detail) => tell({ type: "report", detail }),
    killWithout: (pids) => {
      for (const pid of pids) sendSignal(-pid, "SIGKILL");
      if (guardianPid !== null) sendSignal(guardianPid, "SIGKILL");
    },
    log: (text) => tell({ type: "log", text }),
  });
  const guardian = await GuardianLink.open({
    socketPath: settings.guardianSocket,
    secret: settings.guardianSecret,
    onConnected: (pid) => {
      guardianPid = pid;
      keeper.membersChanged(trusted.document);
      guardian.order({ type: "identities", identities: own.identities });
      // What an earlier agent has left running may be by an older document than this one's.
      keeper.resourcesChanged();
      tell({ type: "guardian-connected", pid });
    },
    onNotice: (notice) => (notice.type === "detached" ? tell({ type: "guardian-waits" }) : keeper.take(notice)),
    onClosed: () => {
      guardianPid = null;
    },
  });
  const run = randomUUID();
  const peerClosed = (peer: NodeId, path: PathName): void => loop.take({ type: "connection-closed", peer, path });
  const mesh: PeerMesh = new PeerMesh({
    members,
    own,
    open: (peer, path, terms) => openMqttPeerLink({ peer, path, own, members, run, ...terms, onRefused: (reason) => refusals.say(reason) }),
    onClosed: peerClosed,
  });
  const showView = (): void => {
    const view = viewOf(loop.state, monotonicUs());
    shownStates = statesOf(loop);
    tell({ type: "view", view });
  };
  const voting: CloudVoting = new CloudVoting({
    nodeId,
    deliver: (message) => loop.take({ type: "message", message, path: mainPath }),
    ask: (id, question) => tell({ type: "ask-cloud", id, question }),
  });
  const { cleanStop, detached } = settings;
  for (const { group, epoch } of detached?.held ?? []) keeper.goesOn(group, epoch);
  const start = { nodeId, ...record, cleanStop, detached };
  const { document, votersSinceVersion } = trusted;
  const first = initialState({ ...start, document, votersSinceVersion, settings: failoverSettings, nowUs: monotonicUs() });
  const loop: ControlLoop = new ControlLoop(step, first, {
    nowUs: monotonicUs,
    send: (to, message) => (voting.isFor(to) ? voting.take(message) : mesh.send(to, encodeLanMessage(message))),
    // The control plane signs them.
    sendDocument: (to) => {
      if (!voting.isFor(to)) mesh.send(to, encodeLanMessage({ type: "document", from: nodeId, jws: trusted.jws }));
    },
    startResources: (group, epoch) => keeper.start(group, epoch),
    holdUntil: (group, epoch, untilUs) => {
      const testament = Buffer.from(encodeLanMessage(testamentOf(loop.state, group))).toString("base64");
      keeper.hold({ group, epoch, untilUs, testament });
    },
    stopResources: (group, epoch, deadlineUs) => keeper.stop(group, epoch, deadlineUs),
    look: (group, lookId) => tell({ type: "look", group, lookId }),
    probe: (askedAtUs, groups) => tell({ type: "probe", askedAtUs, groups }),
    persist: (newest) => tell({ type: "persist", record: newest }),
    report: (detail) => {
      if (detail.kind === "loop.late") gaps.wasLate(detail.lateMs);
      tell({ type: "report", detail });
      if (detail.kind === "node.returned" || detail.kind === "path.heard") keeper.announce();
    },
    wakeAt: (atUs) => {
      wake?.cancel();
      wake = callAt(atUs, () => loop.take({ type: "tick" }));
    },
    detached: (left) => tell({ type: "detached", detached: left }),
    releasedEverything: () => tell({ type: "released-everything", cleanStop: cleanStopOf(loop.state, monotonicUs()) }),
    stepped: () => {
      if (statesOf(loop) !== shownStates) showView();
    },
  });
  const statusFeed = new StatusFeed((status) => loop.take({ type: "status", status: { ...status, threadAgesMs: beats.agesMs() } }));
  const copies = new CopyFilter();
  const takeCopy = (message: LanMessage, path: PathName): void => {
    if (message.type === "document") return;
    const { from, incarnation, sequence } = message;
    if (message.type === "heartbeat") gaps.heard(from, path, incarnation);
    loop.take({ type: "copy", from, incarnation, sequence, path });
  };
  const broker = await startAedesBroker({
    ...settings.listen,
    own,
    members,
    onPayload: (from, path, bytes) => {
      const copied = copies.copied(from, path, bytes);
      if (copied !== null) return takeCopy(copied, path);
      const decoded = decodeLanMessage(bytes);
      if (!decoded.ok) return refusals.say(`a message of ${from} was refused: ${decoded.reason}`);
      const { message } = decoded;
      if (message.from !== from) return refusals.say(`a message of ${from} was refused: it says that it is from ${message.from}`);
      copies.take(from, path, bytes, message);
      if (message.type === "heartbeat") gaps.heard(from, path, message.incarnation);
      if (message.type === "document") tell({ type: "offered-document", from, jws: message.jws });
      else loop.take({ type: "message", message, path });
    },
    onClosed: peerClosed,
    onRefused: (reason) => refusals.say(reason),
    onTwin: ({ peer: node, address, run: twin }) => tell({ type: "report", detail: { kind: "node.cloned", node, address, run: twin } }),
  });

  const documentChanged = (next: DocumentInForce): void => {
    trusted = next;
    members.replace(next.document);
    broker.membersChanged();
    mesh.membersChanged();
    voting.documentChanged(next.document);
    loop.take({ type: "document", document: next.document, votersSinceVersion: next.votersSinceVersion });
    keeper.membersChanged(next.document);
    keeper.resourcesChanged();
  };
  const identitiesChanged = (identities: readonly NodeIdentity[]): void => {
    own.replace(identities);
    mesh.membersChanged();
    guardian.order({ type: "identities", identities });
  };
  const showGaps = (): void => {
    const seen = gaps.take();
    if (seen !== null) tell({ type: "gaps", seen });
  };
  const timers = [
    setInterval(() => statusFeed.repeat(), statusIntervalMs),
    setInterval(showView, viewIntervalMs),
    setInterval(showGaps, gapsIntervalMs),
    setInterval(() => keeper.askGuardian(), guardianAskedEveryMs),
  ];
  const close = async (): Promise<void> => {
    for (const timer of timers) clearInterval(timer);
    wake?.cancel();
    voting.close();
    mesh.close();
    guardian.close();
    await broker.close();
    main.close();
  };
  main.on("message", (message: ToLoop) => {
    switch (message.type) {
      case "document":
        return documentChanged(message.trusted);
      case "identities":
        return identitiesChanged(message.identities);
      case "status":
        return statusFeed.report(message.status);
      case "looked": {
        const { group, lookId, status } = message;
        statusFeed.report(status);
        return loop.take({ type: "looked", group, lookId, status: { ...status, threadAgesMs: beats.agesMs() } });
      }
      case "probed":
        return loop.take(message);
      case "prepared":
        return keeper.prepared(message.group, message.epoch, message.seen);
      case "not-prepared":
        return keeper.refuse(message.group, message.epoch, message.reason);
      case "swept":
        return keeper.swept(message.reason);
      case "persisted":
        return loop.take({ type: "persisted", record: message.record });
      case "cloud-answer":
        return voting.answered(message.id, message.answer);
      case "cloud-way":
        return voting.wayIsDoubtful(message.isDoubtful);
      case "switchover":
        return loop.take({ type: "switchover", group: message.group, to: message.to, reason: message.reason });
      case "readmit":
        return loop.take({ type: "readmit" });
      case "takeover":
        return loop.take({ type: "takeover", group: message.group, reason: message.reason });
      case "outlook":
        return tell({ type: "outlook", outlook: switchoverOutlook(loop.state, message.group, monotonicUs()) });
      case "shutdown":
        return loop.take({ type: "shutdown", reason: message.reason });
      case "detach":
        return loop.take({ type: "detach" });
      case "leave":
        return void guardian.order({ type: "detach", readoptByUs: message.readoptByUs });
      case "close":
        return void close();
    }
  });
  tell({ type: "listening", port: broker.port });
  loop.take({ type: "tick" });
  voting.documentChanged(settings.trusted.document);
}

function startMsMax({ kind, name }: GuardedResource, { startTimeoutsMs }: LoopSettings): number {
  return kind === "service" ? (startTimeoutsMs[name] ?? 0) : addressStartMsMax;
}

function statesOf(loop: ControlLoop): string {
  return Object.values(loop.state.groups)
    .map(({ name, state, epoch }) => `${name}:${state}:${epoch}`)
    .join();
}
