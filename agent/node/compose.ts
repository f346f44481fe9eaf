import { randomBytes } from "node:crypto";
import type { Logger } from "pino";
import { limits } from "../../shared/config/limits.ts";
import { AgentError, reasonOf } from "../agent-error.ts";
import { type EnrolledNode, readEnrolledNode } from "../cloud/enrolled-node.ts";
import { EventRecorder } from "../cloud/event-recorder.ts";
import { openMqttCloudLink } from "../cloud/mqtt-cloud-link.ts";
import { NodeReporter } from "../cloud/node-reporter.ts";
import { Outbox } from "../cloud/outbox.ts";
import { TrustStore } from "../cloud/trust-store.ts";
import type { AgentSettings } from "../config/agent-settings.ts";
import { requireFreePorts } from "../link/free-ports.ts";
import { type NodeIdentity, readIdentity } from "../link/identity.ts";
import { buildReport, buildStatus } from "../local/build-status.ts";
import { openLocalApi } from "../local/local-api.ts";
import { startReplication } from "../replication/replication.ts";
import { removeLeftBehind } from "../resources/left-behind.ts";
import { leaveCleanStop, takeCleanStop } from "../storage/clean-stop-proof.ts";
import { type DataPaths, openDataDirectory } from "../storage/data-directory.ts";
import { lockDataDirectory } from "../storage/data-directory-lock.ts";
import { directoryMark } from "../storage/directory-mark.ts";
import { advanceNodeRecord } from "../storage/node-record.ts";
import { agentVersion } from "../version.ts";
import { startControlLoop } from "./control-loop-handle.ts";
import { GuardianProcess } from "./guardian-process.ts";
import { MainThread } from "./main-thread.ts";
import { NodeCondition } from "./node-condition.ts";
import { stopSignal } from "./stop-signal.ts";
import { ThreadBeats } from "./thread-beats.ts";

const beatIntervalMs = 200;
const reportIntervalMs = { least: 2_000, most: 300_000 } as const;
/** For handing everything over at the end: a planned stop and its drain (shared/config/timing.ts), and a little more. */
const releasePatienceMs = 15_000;

/** Runs the agent until it is asked to end. Throws `AgentError` where it cannot start, or had to fence itself. */
export async function runAgent(settings: AgentSettings, log: Logger): Promise<void> {
  const stopping = stopSignal();
  const paths = await openDataDirectory(settings.dataDir);
  const lock = await lockDataDirectory(settings.dataDir);
  try {
    const { enrolled, identity } = await readEnrolment(paths);
    await requireFreePorts(settings.listen);
    await runEnrolled({ settings, log, paths, enrolled, identity, stopping });
  } finally {
    await lock.release();
  }
}

interface Enrolment {
  readonly settings: AgentSettings;
  readonly log: Logger;
  readonly paths: DataPaths;
  readonly enrolled: EnrolledNode;
  readonly identity: NodeIdentity;
  readonly stopping: Promise<string>;
}

async function readEnrolment(paths: DataPaths): Promise<{ enrolled: EnrolledNode; identity: NodeIdentity }> {
  const enrolled = await readEnrolledNode(paths.identity);
  if (enrolled === null) {
    const nextStep = "Create a join token for its cluster in the console, then run: understudy agent join --token TOKEN --config FILE";
    throw new AgentError("not-enrolled", `This server is not a node of any cluster yet (${paths.root} holds no identity).`, nextStep);
  }
  const identity = await readIdentity(paths);
  if (identity !== null) return { enrolled, identity };
  const nextStep = "Put it back from a backup, or remove the node in the console, empty its data directory and join it again.";
  throw new AgentError("data-dir-unusable", `The node's key ${paths.key} is missing.`, nextStep);
}

async function runEnrolled({ settings, log, paths, enrolled, identity, stopping }: Enrolment): Promise<void> {
  const { nodeId, clusterId } = enrolled;
  const trust = await TrustStore.open(paths.clusterDocument, enrolled.signingKeys, clusterId);
  const record = await advanceNodeRecord(paths.nodeRecord);
  const { incarnation } = record;
  const cleanStop = await takeCleanStop(paths.cleanStop);
  const recorder = new EventRecorder({ clusterId, nodeId, incarnation, wallClock: () => new Date() });
  const outbox = await Outbox.open({
    path: paths.outbox,
    eventsMax: limits.outboxEventsMax,
    overflowEvent: (dropped) => recorder.event({ kind: "outbox.overflow", dropped }),
    onTrouble: (reason) =>
      reason === null
        ? log.info("events are kept on disk again")
        : log.error(`${reason}. Events stay in memory and the node goes on failing over: free space on its disk, or mend it.`),
  });
  const condition = new NodeCondition(settings, () => performance.now());
  const node = new MainThread({ nodeId, log, trust, recorder, outbox, condition, nodeRecordPath: paths.nodeRecord });
  node.record({ kind: "agent.started", incarnation, agentVersion });

  const left = {
    recordFile: paths.services,
    directoryMark: await directoryMark(paths.root),
    dataDir: paths.root,
    services: settings.services,
  };
  for (const service of await removeLeftBehind(left)) {
    node.record({ kind: "service.left-behind", service, reason: "the agent's last run ended without taking it down" });
  }

  const beats = new ThreadBeats();
  const guardianSecret = randomBytes(32).toString("hex");
  const failed = Promise.withResolvers<AgentError>();
  const replication = await startReplication({
    nodeId,
    keyPem: identity.keyPem,
    certificatePem: identity.certificatePem,
    listen: { host: settings.listen.host, port: settings.listen.replicationPort },
    dataDir: paths.replication,
    dataSets: settings.dataSets,
    document: trust.current.document,
    onStatus: (dataSets) => {
      beats.beat("replication");
      condition.dataSetsChanged(dataSets);
      node.tellStatus();
    },
    onEvent: (detail) => node.record(detail),
    onFailure: (error) => failed.resolve(fenced(`replication failed: ${reasonOf(error)}`, error)),
  }).catch((error: unknown) => {
    throw new AgentError("port-unavailable", reasonOf(error), "Mend what it names, then start the agent again.", error);
  });
  const services = Object.entries(settings.services);
  const loop = await startControlLoop(
    {
      nodeId,
      record,
      cleanStop,
      identity,
      trusted: trust.current,
      listen: { host: settings.listen.host, port: settings.listen.heartbeatPort },
      guardianSocket: paths.guardianSocket,
      guardianSecret,
      startTimeoutsMs: Object.fromEntries(services.map(([name, service]) => [name, service.startTimeoutMs])),
      stopCommandTimeoutsMs: Object.fromEntries(
        services.flatMap(([name, { stop, stopTimeoutMs }]) => (stop === undefined ? [] : [[name, stopTimeoutMs]])),
      ),
      beats: beats.memory,
    },
    {
      onMessage: (message) => node.takeFromLoop(message),
      onFailure: (error) => failed.resolve(fenced(`the control loop stopped: ${error.stack ?? error.message}`, error)),
    },
  );
  const guardian = new GuardianProcess({
    configuration: {
      services: settings.services,
      directoryMark: left.directoryMark,
      dataDir: paths.root,
      recordFile: paths.services,
      socket: paths.guardianSocket,
      secret: guardianSecret,
    },
    onLog: (text) => log.warn(text),
    onDied: async (how) => {
      node.guardianDied();
      const reason = `the guardian process ${how}`;
      for (const service of await removeLeftBehind(left)) node.record({ kind: "service.left-behind", service, reason });
      log.error(`${reason}; what it ran was ended, and it is started again`);
      loop.post({ type: "swept", reason });
    },
  });
  const cloud = openMqttCloudLink({
    url: enrolled.cloud.mqttUrl,
    caPem: enrolled.cloud.caPem,
    identity,
    nodeId,
    clusterId,
    outbox,
    onDocument: (jws) => void node.offerDocument(jws, "the cloud"),
    onState: (state) => {
      if (state.state === "connected") log.info("the cloud is connected");
      else log.warn(`the cloud is not connected: ${state.reason}`);
      reporter.look();
    },
    onRefusedEvents: (refused) => log.error({ refused }, "the cloud refused events for good"),
    onTrouble: (reason) => log.warn(reason),
  });
  node.started({ loop, replication, cloud });
  const about = { enrolled, incarnation, node, trust, condition, cloud, outbox };
  const reporter = new NodeReporter({
    build: () => buildReport(about),
    send: (report) => cloud.report(report),
    leastIntervalMs: reportIntervalMs.least,
    mostIntervalMs: reportIntervalMs.most,
  });
  const api = await openLocalApi({
    socketPath: paths.statusSocket,
    status: () => buildStatus(about),
    switchover: (group, to) => node.switchover(group, to),
  });
  const beating = setInterval(() => beats.beat("main"), beatIntervalMs);
  log.info({ nodeId, clusterId, incarnation }, `agent ${agentVersion} runs on ${settings.listen.host}:${loop.port}`);

  const reason = await Promise.race([stopping, failed.promise]);
  if (reason instanceof AgentError) throw reason;
  node.record({ kind: "agent.stopping", reason });
  const released = await node.release(`the agent is ending (${reason})`, releasePatienceMs);
  if (released === null) log.error("not everything was given back in time; the guardian takes down what still runs");
  clearInterval(beating);
  reporter.close();
  await api.close();
  await guardian.end();
  await loop.close();
  await replication.stop();
  if (released?.cleanStop != null) await leaveCleanStop(paths.cleanStop, released.cleanStop);
  await cloud.close();
  await outbox.written();
  await outbox.close();
}

/** The process must end now: its guardian takes everything down. */
function fenced(message: string, cause: Error): AgentError {
  return new AgentError(
    "fenced",
    `The agent fenced itself: ${message}.`,
    "Its services were taken down. Start it again; if it happens again, report the lines above.",
    cause,
  );
}
