import type { Logger } from "pino";
import { AgentError, reasonOf } from "../agent-error.ts";
import { requireEnrolledNode } from "../cloud/enrolled-node.ts";
import type { AgentSettings } from "../config/agent-settings.ts";
import { ownPaths } from "../config/lan-addresses.ts";
import { requireFreePorts } from "../link/free-ports.ts";
import { readNextIdentity, requireIdentity } from "../link/identity.ts";
import type { Replication } from "../replication/replication.ts";
import { startReplicationOf } from "../replication/replication-of.ts";
import { removeLeftBehind } from "../resources/left-behind.ts";
import { leaveCleanStop } from "../storage/clean-stop-proof.ts";
import { openDataDirectory } from "../storage/data-directory.ts";
import { lockDataDirectory } from "../storage/data-directory-lock.ts";
import { agentVersion } from "../version.ts";
import { type ControlLoopHandle, startControlLoop } from "./control-loop-handle.ts";
import { fenced } from "./fenced.ts";
import { type Ground, type Installation, openGround } from "./ground.ts";
import { GuardianProcess } from "./guardian-process.ts";
import { leaveToNextAgent } from "./leave.ts";
import type { LoopSettings } from "./loop-messages.ts";
import { openOutside } from "./outside.ts";
import { stopSignal } from "./stop-signal.ts";

const beatIntervalMs = 200;
/** For handing everything over at the end: a planned stop and its drain (shared/config/timing.ts), and a little more. */
const releasePatienceMs = 15_000;

/** Runs the agent until it is asked to end. Throws `AgentError` where it cannot start, or had to fence itself. */
export async function runAgent(settings: AgentSettings, log: Logger): Promise<void> {
  const stopping = stopSignal();
  const paths = await openDataDirectory(settings.dataDir);
  const lock = await lockDataDirectory(settings.dataDir);
  try {
    const enrolled = await requireEnrolledNode(paths.identity);
    const [identity, nextIdentity] = [await requireIdentity(paths), await readNextIdentity(paths)];
    await requireFreePorts(settings);
    await runNode({ settings, log, paths, enrolled, identity, nextIdentity }, stopping);
  } finally {
    await lock.release();
  }
}

async function runNode(installation: Installation, stopping: Promise<string>): Promise<void> {
  const { log, paths, enrolled } = installation;
  const ground = await openGround(installation);
  const { main, left, readoption } = ground;
  const { incarnation } = ground.record;
  if (readoption === null) {
    main.record({ kind: "agent.started", incarnation, agentVersion });
    main.recordLeftBehind(await removeLeftBehind(left), "the agent's last run ended without taking it down");
  } else main.record({ kind: "agent.readopted", incarnation, agentVersion, awayMs: readoption.awayMs });

  const failure = Promise.withResolvers<AgentError>();
  const threads = await startThreads(installation, ground, failure.resolve);
  main.started(threads);
  await ground.drills.recover();
  threads.loop.receive((message) => main.takeFromLoop(message));
  const guardian = keepGuardian(installation, ground, threads.loop);
  const { cloud, status, close } = await openOutside(installation, ground, threads.replication);
  main.cloudOpened(cloud);
  ground.certificates.follow((identities) => {
    threads.loop.post({ type: "identities", identities });
    threads.replication.identitiesChanged(identities);
    cloud.identitiesChanged();
  });
  ground.certificates.start();
  for (const problem of status().problems) log.error(problem);
  log.info({ nodeId: enrolled.nodeId, incarnation }, `agent ${agentVersion} listens on port ${threads.loop.port}`);

  const cause = await Promise.race([stopping, failure.promise, main.detachment.left]);
  if (cause instanceof AgentError) throw cause;
  if (typeof cause !== "string") {
    const { recorder, guardianSecret: secret } = ground;
    await leaveToNextAgent(cause, { main, guardian, path: paths.detached, secret, lastEvent: () => recorder.lastEvent });
    await ground.drills.cancel("the agent is started anew");
    await ground.checks.close();
    await ground.probes.close();
    await ground.sharedData.close();
    await threads.loop.close();
    await threads.replication.stop();
    return close();
  }
  main.record({ kind: "agent.stopping", reason: cause });
  await ground.drills.cancel("the agent is ending");
  await ground.checks.close();
  await ground.probes.close();
  await ground.sharedData.close();
  const released = await main.release(`the agent is ending (${cause})`, releasePatienceMs);
  if (released === null) log.error("not everything was given back in time; the guardian takes down what still runs");
  await guardian.end();
  await threads.loop.close();
  await threads.replication.stop();
  const proof = released?.cleanStop ?? null;
  if (proof !== null) await leaveCleanStop(paths.cleanStop, proof);
  await close();
}

async function startThreads(
  installation: Installation,
  ground: Ground,
  onFailure: (error: AgentError) => void,
): Promise<{ loop: ControlLoopHandle; replication: Replication }> {
  const { settings, enrolled, paths } = installation;
  const { main, trust, beats, condition, certificates } = ground;
  const startingReplication = startReplicationOf({
    nodeId: enrolled.nodeId,
    identities: certificates.identities,
    listen: { paths: ownPaths(settings.listen), port: settings.listen.replicationPort },
    dataDir: paths.replication,
    dataSets: settings.dataSets,
    ...settings.replication,
    document: trust.current.document,
    onStatus: (dataSets, ring) => {
      beats.beat("replication");
      condition.dataSetsChanged(dataSets, ring);
      main.tellStatus();
    },
    onEvent: (detail) => main.record(detail),
    onFailure: (error) => onFailure(fenced(`the replication thread failed: ${error.message}`, error)),
  }).catch((error: unknown) => {
    throw new AgentError(
      "port-unavailable",
      `Replication cannot start: ${reasonOf(error)}.`,
      "Mend what it names, then start the agent again.",
      error,
    );
  });
  const startingLoop = startControlLoop(loopSettings(installation, ground), {
    onFailure: (error) => onFailure(fenced(`the control loop ended: ${error.stack ?? error.message}`, error)),
  });
  const [replication, loop] = await Promise.all([startingReplication, startingLoop]);
  // However long the start took on a busy machine: an agent that goes on as the holder is not to be found unfit for that.
  beats.beat("replication");
  beats.beat("main");
  const beating = setInterval(() => beats.beat("main"), beatIntervalMs);
  beating.unref();
  return { replication, loop };
}

function loopSettings({ settings, enrolled, paths }: Installation, ground: Ground): LoopSettings {
  const services = Object.entries(settings.services);
  const withStopCommand = services.filter(([, { stop }]) => stop !== undefined);
  return {
    nodeId: enrolled.nodeId,
    record: ground.record,
    cleanStop: ground.cleanStop,
    detached: ground.readoption?.detached ?? null,
    identities: ground.certificates.identities,
    trusted: ground.trust.current,
    listen: { paths: ownPaths(settings.listen), port: settings.listen.heartbeatPort },
    guardianSocket: paths.guardianSocket,
    guardianSecret: ground.guardianSecret,
    startTimeoutsMs: Object.fromEntries(services.map(([name, { startTimeoutMs }]) => [name, startTimeoutMs])),
    stopCommandTimeoutsMs: Object.fromEntries(withStopCommand.map(([name, { stopTimeoutMs }]) => [name, stopTimeoutMs])),
    beats: ground.beats.memory,
  };
}

function keepGuardian(
  { log }: Installation,
  { main, left, guardianConfiguration, readoption }: Ground,
  loop: ControlLoopHandle,
): GuardianProcess {
  return new GuardianProcess({
    configuration: guardianConfiguration,
    adopted: readoption?.guardian ?? null,
    onLog: (text) => log.warn(text),
    onDied: async (how) => {
      const reason = `the guardian process ${how}`;
      main.guardianDied();
      main.recordLeftBehind(await removeLeftBehind(left), reason);
      log.error(`${reason}; nothing that it ran is left, and it is started again`);
      loop.post({ type: "swept", reason });
    },
  });
}
