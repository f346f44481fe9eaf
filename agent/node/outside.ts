import { openAnswers } from "../answers/open-answers.ts";
import type { CloudLink } from "../cloud/cloud-link.ts";
import { openMqttCloudLink } from "../cloud/mqtt-cloud-link.ts";
import { NodeReporter, reportLookEveryMs, reportPace } from "../cloud/node-reporter.ts";
import { rehearseCloudVote } from "../cloud/rehearse-cloud-vote.ts";
import type { AgentStatus } from "../local/agent-status.ts";
import { buildReport, buildStatus, type StatusSources } from "../local/build-status.ts";
import { openLocalApi } from "../local/local-api.ts";
import { openStatusPage } from "../local/status-page.ts";
import { lookAside } from "../preflight/look-aside.ts";
import { PreflightWatch, preflightPace } from "../preflight/preflight-watch.ts";
import { openRecords } from "../records/open-records.ts";
import type { Replication } from "../replication/replication.ts";
import { openTriggers } from "../triggers/open-triggers.ts";
import type { Ground, Installation } from "./ground.ts";

/** Cloud, report and local endpoint: nothing here is ever waited for by failover. */
export async function openOutside(
  { settings, log, paths, enrolled }: Installation,
  {
    main,
    trust,
    guard,
    certificates,
    condition,
    checks,
    probes,
    sharedData,
    maintenance,
    outbox,
    cloudVote,
    record,
    recorder,
    standings,
    silences,
    drills,
    gaps,
  }: Ground,
  replication: Pick<
    Replication,
    "conflicts" | "data" | "drift" | "barrier" | "files" | "records" | "forward" | "carryOutWith" | "releaseWithheld"
  >,
): Promise<{ cloud: CloudLink; status: () => AgentStatus; close: () => Promise<void> }> {
  const cloud = openMqttCloudLink({
    url: enrolled.cloud.mqttUrl,
    caPem: enrolled.cloud.caPem,
    identities: () => certificates.identities,
    nodeId: enrolled.nodeId,
    clusterId: enrolled.clusterId,
    outbox,
    onDocument: (jws) => void main.documents.offer(jws, "the cloud"),
    onState: (state) => {
      main.cloudWays.changed("broker", state.state !== "connected");
      if (state.state === "connected") log.info("the cloud is connected");
      else log.warn(`the cloud is not connected: ${state.reason}`);
    },
    onRefusedEvents: (refused) => log.error({ refused }, "the cloud refused events for good"),
    onTrouble: (reason) => log.warn(reason),
  });
  const answers = await openAnswers({ nodeId: enrolled.nodeId, settings, trust, standings, main, log });
  const triggers = await openTriggers({
    settings,
    enrolled,
    dataDir: paths.root,
    trust,
    standings,
    recorder,
    outbox,
    main,
    replication,
    log,
  });
  const preflight = await PreflightWatch.open({
    path: paths.preflight,
    look: (given) => lookAside({ settings, member: { nodeId: enrolled.nodeId, document: trust.current.document } }, given),
    wallClock: () => new Date(),
    record: (detail) => main.record(detail),
    onTrouble: (reason) => log.warn(reason),
    ...preflightPace,
  });
  const sources: StatusSources = {
    enrolled,
    incarnation: record.incarnation,
    listen: settings.listen,
    main,
    trust,
    certificates,
    condition,
    checks,
    probes,
    sharedData,
    maintenance,
    cloud,
    outbox,
    cloudVote,
    answers,
    triggers,
    preflight,
  };
  const status = (): AgentStatus => buildStatus(sources);
  const reporter = new NodeReporter({
    build: () => buildReport(sources),
    send: (report) => cloud.report(report),
    nowMs: () => performance.now(),
    ...reportPace,
  });
  const rehearsing = rehearseCloudVote(cloudVote, () => trust.current.document);
  const reporting = setInterval(() => reporter.look(), reportLookEveryMs).unref();
  const records = await openRecords({ settings, trust, standings, main, replication, log });
  const page = settings.page === undefined ? null : await openStatusPage({ port: settings.page.port, status });
  const api = await openLocalApi({
    socketPath: paths.statusSocket,
    status,
    gaps: () => ({ timing: trust.current.document.timing, days: gaps.days }),
    outlook: (group) => main.operator.outlook(group),
    switchover: (group, to) => main.operator.switchover(group, to),
    takeover: (group, reason) => main.operator.takeover(group, reason),
    readmit: () => main.operator.readmit(),
    maintenance,
    drills: async (request) => {
      if (request.kind === "run") return [await drills.run(request)];
      if (request.kind === "cancel") await drills.cancel("an operator has ended it");
      return drills.reports;
    },
    barrier: async (dataSet, timeoutMs) => {
      const passed = await replication.barrier(dataSet, timeoutMs);
      return { dataSet, ...passed, heldByNames: passed.heldBy.map((node) => main.nameOf(node)) };
    },
    files: (request) => replication.files(request),
    conflicts: (request) => replication.conflicts(request),
    data: (request) => replication.data(request),
    releaseWithheld: () => replication.releaseWithheld(),
    drift: (request) => replication.drift(request),
    records: (request, response) => records.api.answer(request, response),
    triggers: (request) => triggers.ask(request),
    trust: async (request) => {
      if (request.kind === "accept") await main.documents.accept(request.version);
      const { changes } = settings.trust;
      return { version: trust.current.document.version, changes, memory: guard.memory, held: trust.held };
    },
    rotateCertificate: () => certificates.rotate(),
    detach: async () => (main.guardianPid === null ? { refusal: "its guardian is not there at the moment" } : main.detachment.ask()),
  });
  const close = async (): Promise<void> => {
    clearInterval(reporting);
    await certificates.close();
    rehearsing.end();
    cloudVote.close();
    silences.close();
    preflight.close();
    await triggers.close();
    await answers.close();
    await records.close();
    await page?.close();
    await api.close();
    await cloud.close();
    await gaps.close();
    await outbox.written();
    await outbox.close();
  };
  return { cloud, status, close };
}
