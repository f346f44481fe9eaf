import { randomBytes } from "node:crypto";
import type { Logger } from "pino";
import { limits } from "../../shared/config/limits.ts";
import { GroupStandings } from "../answers/group-standing.ts";
import { makeProbe } from "../checks/make-probe.ts";
import { openChecks } from "../checks/open-checks.ts";
import { ProbeBoard } from "../checks/probe-board.ts";
import { askNextCertificate } from "../cloud/ask-next-certificate.ts";
import { DocumentGuard } from "../cloud/document-guard.ts";
import type { EnrolledNode } from "../cloud/enrolled-node.ts";
import { EventRecorder } from "../cloud/event-recorder.ts";
import { Outbox } from "../cloud/outbox.ts";
import { TrustStore } from "../cloud/trust-store.ts";
import { WitnessClient } from "../cloud/witness-client.ts";
import type { AgentSettings } from "../config/agent-settings.ts";
import { DrillBook } from "../drills/drill-book.ts";
import { DrillDesk } from "../drills/drill-desk.ts";
import type { NodeIdentity } from "../link/identity.ts";
import { askAddress } from "../resources/ask-address.ts";
import type { LeftBehindOptions } from "../resources/left-behind.ts";
import { monotonicUs } from "../resources/monotonic.ts";
import { makeSharedDataCheck } from "../shared-data/make-shared-data-check.ts";
import { SharedDataBoard } from "../shared-data/shared-data-board.ts";
import { takeCleanStop } from "../storage/clean-stop-proof.ts";
import type { DataPaths } from "../storage/data-directory.ts";
import { directoryMark } from "../storage/directory-mark.ts";
import { advanceNodeRecord } from "../storage/node-record.ts";
import { CertificateKeeper } from "./certificate-keeper.ts";
import { GapHistory } from "./gap-history.ts";
import type { GuardianConfiguration } from "./guardian-protocol.ts";
import { MainThread } from "./main-thread.ts";
import { Maintenance } from "./maintenance.ts";
import { NodeCondition } from "./node-condition.ts";
import { readopt } from "./readoption.ts";
import { SilenceWatch } from "./silence-watch.ts";
import { ThreadBeats } from "./thread-beats.ts";

/** What an agent is, and where it lives: known before anything of it runs. */
export interface Installation {
  readonly settings: AgentSettings;
  readonly log: Logger;
  readonly paths: DataPaths;
  readonly enrolled: EnrolledNode;
  readonly identity: NodeIdentity;
  /** On its way to take the present one's place; null: none is. */
  readonly nextIdentity: NodeIdentity | null;
}

/** What the main thread stands on: everything that is read from disk before anything is started. */
export async function openGround(installation: Installation) {
  const { settings, log, paths, enrolled, identity, nextIdentity } = installation;
  const { nodeId, clusterId } = enrolled;
  const trust = await TrustStore.open(paths.clusterDocument, enrolled.signingKeys, clusterId);
  const guard = await DocumentGuard.open({
    path: paths.memberMemory,
    settings: settings.trust,
    inForce: trust.current.document,
    wallClock: () => new Date(),
    nowMs: () => performance.now(),
    onTrouble: (reason) => log.warn(reason),
  });
  trust.guardedBy(guard);
  const guardianSecret = randomBytes(32).toString("hex");
  const mark = await directoryMark(paths.root);
  const certificates = new CertificateKeeper(
    {
      nodeId,
      paths,
      lifeDays: settings.certificate.lifeDays,
      document: () => trust.current.document,
      ask: (request) => askNextCertificate(enrolled, request),
      nowMs: Date.now,
      record: (detail) => main.record(detail),
      onTrouble: (reason) => log.warn(reason),
    },
    identity,
    nextIdentity,
  );
  const guardianConfiguration = guardianConfigurationOf(installation, certificates.identities, mark, guardianSecret);
  const readoption = await readopt(paths, guardianConfiguration, log);
  const record = readoption?.record ?? (await advanceNodeRecord(paths.nodeRecord));
  const cleanStop = await takeCleanStop(paths.cleanStop);
  const { incarnation } = record;
  const recorder = new EventRecorder({
    clusterId,
    nodeId,
    incarnation,
    lastEvent: readoption?.lastEvent ?? 0,
    wallClock: () => new Date(),
  });
  const outbox = await Outbox.open({
    path: paths.outbox,
    eventsMax: limits.outboxEventsMax,
    overflowEvent: (dropped) => recorder.event({ kind: "outbox.overflow", dropped }),
    onTrouble: (reason) => {
      if (reason === null) log.info("events are kept on disk again");
      else log.error(`${reason}. Events stay in memory, and the node goes on failing over: free space on its disk, or mend it.`);
    },
  });
  const checks = openChecks(
    settings.checks,
    paths.root,
    (detail) => main.record(detail),
    () => main.tellStatus(),
  );
  const maintenance = await Maintenance.open({
    path: paths.maintenance,
    wallClock: () => new Date(),
    onChange: (detail) => {
      main.record(detail);
      main.tellStatus();
    },
    onTrouble: (reason) => log.error(reason),
  });
  const probes = new ProbeBoard({
    nodeId,
    settings: settings.probes,
    make: makeProbe,
    document: () => trust.current.document,
    isInMaintenance: () => maintenance.work !== null,
    nowMs: () => performance.now(),
    chance: Math.random,
  });
  const sharedData = new SharedDataBoard({
    settings: settings.sharedData,
    make: (one) => makeSharedDataCheck(one, paths.root),
    document: () => trust.current.document,
    nowMs: () => performance.now(),
    chance: Math.random,
    record: (detail) => main.record(detail),
  });
  const condition = new NodeCondition(
    settings,
    () => performance.now(),
    (group) => [...(maintenance.problem === null ? [] : [maintenance.problem]), ...drills.problemOf(group), ...checks.problemsOf(group)],
  );
  const gaps = await GapHistory.open({ path: paths.gaps, wallClock: () => new Date(), onTrouble: (reason) => log.warn(reason) });
  const standings = new GroupStandings(monotonicUs);
  const silences = new SilenceWatch({
    nodeId,
    document: () => trust.current.document,
    nowUs: monotonicUs,
    // Closed at an address of a group, and let through between the nodes by whatever lets their heartbeats through.
    ask: (host, patienceMs) => askAddress(host, settings.listen.heartbeatPort, patienceMs),
  });
  const drills = new DrillDesk({
    nodeId,
    book: await DrillBook.open(paths.drills, (reason) => log.warn(reason)),
    nowUs: monotonicUs,
    wallClock: () => new Date(),
    outlook: (group) => main.operator.outlook(group),
    switchover: (group, to) => main.operator.switchover(group, to),
    silences,
    tellStatus: () => main.tellStatus(),
    record: (detail) => main.record(detail),
    onTrouble: (reason) => log.error(reason),
  });
  const shown = {
    standings,
    silences,
    gaps,
    viewers: [certificates, checks, probes, sharedData, silences, drills],
    isReadopting: readoption !== null,
  };
  const { apiUrl } = enrolled;
  const cloudVote = new WitnessClient({
    apiUrl,
    caPem: enrolled.cloud.caPem,
    identity: () => certificates.inUse,
    onBroken: (isBroken) => main.cloudWays.changed("vote", isBroken),
    onTrouble: (reason) => log.warn(reason),
  });
  const kept = { nodeRecordPath: paths.nodeRecord, cloudVote };
  const main: MainThread = new MainThread({ nodeId, log, trust, recorder, outbox, condition, ...shown, ...kept });
  const left: LeftBehindOptions = {
    recordFile: paths.resources,
    directoryMark: mark,
    dataDir: paths.root,
    services: settings.services,
  };
  return {
    trust,
    guard,
    certificates,
    record,
    cleanStop,
    outbox,
    condition,
    checks,
    probes,
    sharedData,
    maintenance,
    gaps,
    standings,
    silences,
    drills,
    main,
    cloudVote,
    left,
    beats: new ThreadBeats(),
    recorder,
    readoption,
    guardianSecret,
    guardianConfiguration,
  };
}

export type Ground = Awaited<ReturnType<typeof openGround>>;

function guardianConfigurationOf(
  { settings, paths, enrolled }: Installation,
  identities: readonly NodeIdentity[],
  mark: string,
  secret: string,
): GuardianConfiguration {
  return {
    services: settings.services,
    directoryMark: mark,
    dataDir: paths.root,
    recordFile: paths.resources,
    socket: paths.guardianSocket,
    secret,
    adoptSocket: paths.adoptSocket,
    nodeId: enrolled.nodeId,
    identities,
  };
}
