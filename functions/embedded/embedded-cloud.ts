import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import type { Logger } from "pino";
import { apiApp } from "../api/api-app.ts";
import type { Dependencies } from "../dependencies.ts";
import { takeMessage } from "../ingest/take-message.ts";
import { dynamoStores } from "../store/dynamo-stores.ts";
import { controlPlaneItself } from "../use-cases/audited.ts";
import { authenticateNode } from "../use-cases/authenticate-node.ts";
import { CallerRates, defaultRates } from "../use-cases/rate-limit.ts";
import { recordPresence } from "../use-cases/record-presence.ts";
import type { SweepRest } from "../use-cases/sweep-batches.ts";
import { sweepCertificates } from "../use-cases/sweep-certificates.ts";
import { sweepLicences } from "../use-cases/sweep-licences.ts";
import { sweepRemovals } from "../use-cases/sweep-removals.ts";
import { completeSummaries, sweepSummaries } from "../use-cases/sweep-summaries.ts";
import { watchPresence } from "../use-cases/watch-presence.ts";
import { AedesCloudBroker } from "./aedes-cloud-broker.ts";
import { AlertDispatcher } from "./alert-dispatcher.ts";
import { certificateWarnings } from "./authority-watch.ts";
import { loadCertificateAuthority } from "./certificate-authority.ts";
import { consoleSite } from "./console-site.ts";
import { openDataDirectory } from "./data-directory.ts";
import { startEmbeddedDynamo } from "./dynamo-embedded.ts";
import { ensureFirstLogin } from "./first-login.ts";
import { ensureUsers, openAccounts } from "./first-users.ts";
import { growingSequence } from "./growing-sequence.ts";
import { openHttpListener } from "./http-listeners.ts";
import { inUrl } from "./in-url.ts";
import { loadKeyFileSigner } from "./key-file-signer.ts";
import { restoreBroker } from "./restore-broker.ts";
import { endpointDeliveries } from "./sns-deliveries.ts";
import { startEmbeddedSns } from "./sns-embedded.ts";
import { SweepClock } from "./sweep-clock.ts";

export interface EmbeddedCloudOptions {
  readonly dataDir: string;
  /** What agents and alert subscribers reach listens here; the console listens on loopback alone. */
  readonly host: string;
  /** The name or address of this machine that agents are told. */
  readonly publicHost: string;
  /** Ports: 0 for any free one. */
  readonly httpPort: number;
  readonly agentPort: number;
  readonly mqttPort: number;
  readonly snsPort: number;
  readonly snsTlsPort: number;
  /** Without it, nobody can subscribe by e-mail. */
  readonly smtpUrl?: string;
  /** Networks beside the internet in which alert subscribers may be, as 192.0.2.0/24. Loopback too is one that must be named. */
  readonly subscriberNetwork?: readonly string[];
  readonly log: Logger;
}

export interface EmbeddedAddresses {
  readonly console: string;
  readonly api: string;
  readonly agentApi: string;
  readonly mqtt: string;
  readonly sns: string;
  readonly snsTls: string;
  /** Path of the PEM file that alert subscribers trust. */
  readonly snsCa: string;
  /** Path of the file with the first e-mail address, password and API key. */
  readonly firstLogin: string;
}

export interface EmbeddedCloud {
  readonly addresses: EmbeddedAddresses;
  /** Ends everything in the reverse order of its start; what is queued goes on after the next start. */
  close(): Promise<void>;
}

const loopback = "127.0.0.1";
const nowMs = (): number => Date.now();
/** What falls due by the day is told within the hour; a silence within seconds of its time. */
const licenceSweepMs = 3_600_000;
const summarySweepMs = 3_600_000;
const certificateSweepMs = 3_600_000;
const removalSweepMs = 3_600_000;
const presenceSweepMs = 5_000;

/** The composition root: the whole control plane in one process. Rejects with a `StartError` for whatever the operator can mend. */
export async function startEmbeddedCloud(options: EmbeddedCloudOptions): Promise<EmbeddedCloud> {
  const { log, host, publicHost } = options;
  await using started = new AsyncDisposableStack();
  const kept = <Part extends { close(): Promise<void> }>(part: Part): Part => {
    started.defer(() => part.close());
    return part;
  };

  const directory = kept(await openDataDirectory(options.dataDir));
  const dynamo = kept(await startEmbeddedDynamo(join(directory.path, "database")));
  const stores = dynamoStores(dynamo.table, nowMs);
  const authority = await loadCertificateAuthority(directory);
  const tls = await authority.issueServerIdentity([...new Set([publicHost, host, "localhost", loopback])]);
  const warnOfOwn = (): void => {
    const until = { authorityUntilMs: authority.untilMs, serverUntilMs: tls.untilMs };
    for (const warning of certificateWarnings(until, nowMs())) log.error(warning);
  };
  const sns = kept(
    await startEmbeddedSns(directory, {
      host,
      publicHost,
      port: options.snsPort,
      tlsPort: options.snsTlsPort,
      log,
      smtpUrl: options.smtpUrl,
      subscriberNetworks: options.subscriberNetwork ?? [],
    }),
  );

  const broker = kept(new AedesCloudBroker({ tls, log, authenticate: (certificate) => authenticateNode({ stores, nowMs }, certificate) }));
  const mqttPort = await broker.listen({ host, port: options.mqttPort, option: "--mqtt-port" });
  const consoleListener = kept(await openHttpListener({ host: loopback, port: options.httpPort, option: "--http-port" }));
  const agentListener = kept(await openHttpListener({ host, port: options.agentPort, option: "--agent-port" }, tls, "/v1/witness"));
  const agentApiUrl = `https://${inUrl(publicHost)}:${agentListener.port}`;
  const mqtt = `mqtts://${inUrl(publicHost)}:${mqttPort}`;
  const consoleUrl = `http://${loopback}:${consoleListener.port}`;

  const accounts = await openAccounts(directory.path, `${consoleUrl}/oidc`, nowMs);
  const dependencies: Dependencies = {
    actor: controlPlaneItself,
    stores,
    signer: await loadKeyFileSigner(directory),
    messenger: broker,
    notifier: sns.notifier,
    deliveries: endpointDeliveries(sns.endpoint),
    directory: accounts.directory,
    endpoints: { apiUrl: agentApiUrl, apiCaSha256: authority.caSha256, mqttUrl: mqtt, caPem: authority.caPem },
    nowMs,
    log,
    alertPending: () => dispatcher.wake(),
  };
  const dispatcher = kept(new AlertDispatcher(dependencies));
  const licences = { what: "licences", intervalMs: licenceSweepMs, run: (rest: SweepRest) => sweepLicences(dependencies, rest) };
  const certificates = {
    what: "certificates",
    intervalMs: certificateSweepMs,
    run: (rest: SweepRest) => sweepCertificates(dependencies, rest),
  };
  const silence = { what: "silent nodes", intervalMs: presenceSweepMs, run: () => watchPresence(dependencies) };
  const summaries = { what: "summaries", intervalMs: summarySweepMs, run: (rest: SweepRest) => sweepSummaries(dependencies, rest) };
  const removals = {
    what: "what is left of clusters and customers that were removed",
    intervalMs: removalSweepMs,
    run: (rest: SweepRest) => sweepRemovals(dependencies, rest),
  };
  const own = { what: "the control plane's own certificates", intervalMs: certificateSweepMs, run: async () => warnOfOwn() };
  const sweeps = [licences, certificates, silence, summaries, removals, own].map((sweep) => kept(new SweepClock(sweep, log)));
  const nextSequence = growingSequence(nowMs);
  const firstLogin = await ensureFirstLogin(directory, stores, nowMs);
  await ensureUsers(dependencies, accounts, firstLogin);

  await completeSummaries(dependencies);
  await restoreBroker(dependencies, nextSequence);
  broker.open({
    receive: (sender, kind, payload) => takeMessage(dependencies, sender, kind, payload),
    presence: (node, connected) => recordPresence(dependencies, node, { connected, sequence: nextSequence() }),
  });
  const callerRates = new CallerRates(defaultRates, nowMs);
  const agentApi = getRequestListener(apiApp({ ...dependencies, callerRates }).fetch);
  agentListener.serve((request, response) => void agentApi(request, response));
  consoleListener.serve(consoleSite(dependencies, accounts, callerRates));
  dispatcher.wake();
  for (const sweep of sweeps) sweep.start();

  const running = started.move();
  return {
    addresses: {
      console: consoleUrl,
      api: consoleUrl,
      agentApi: agentApiUrl,
      mqtt,
      sns: sns.endpoint.url,
      snsTls: sns.endpoint.tlsUrl,
      snsCa: sns.caPath,
      firstLogin: firstLogin.path,
    },
    close: () => running.disposeAsync(),
  };
}
