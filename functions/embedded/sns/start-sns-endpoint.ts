import { createPrivateKey } from "node:crypto";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Logger } from "pino";
import { type DeadLetter, deadLetterOf } from "./dead-letter.ts";
import { type Delivery, type DeliveryReport, DeliveryTable } from "./delivery-table.ts";
import { DeliveryWorker } from "./delivery-worker.ts";
import { EmailDelivery } from "./email-delivery.ts";
import type { EndpointContext } from "./endpoint-context.ts";
import { signingCertificatePath } from "./endpoint-keys.ts";
import { checkOptions, type SnsEndpointOptions, tlsNames } from "./endpoint-options.ts";
import { deliverOverHttp } from "./http-delivery.ts";
import { requestHandler } from "./http-listener.ts";
import { loadEndpointKeys } from "./key-file.ts";
import { closeServer, listen } from "./listening.ts";
import { PublishedTable } from "./published-table.ts";
import { defaultRetry } from "./retry-schedule.ts";
import { openSnsDatabase } from "./sns-database.ts";
import { SubscriberNetworks } from "./subscriber-networks.ts";
import { SubscriptionTable } from "./subscription-table.ts";
import { TopicTable } from "./topic-table.ts";

export interface SnsEndpoint {
  readonly url: string;
  readonly tlsUrl: string;
  /** What subscribers trust to reach `tlsUrl`; also in `<dataDir>/sns-ca.pem`. */
  readonly certificateAuthorityPem: string;
  /** Deliveries that were given up, oldest first, those after `afterId`, of one topic or of all; at most 100 at once. They are kept for 14 days. */
  deadLetters(afterId?: number, topicArn?: string): readonly DeadLetter[];
  /** Tries a dead letter, or all of them, from the start again; of one topic, or of all. Returns how many. */
  redrive(deliveryId?: number, topicArn?: string): number;
  /** What has become of a message at each subscriber it was for. What arrived is remembered for 90 days. */
  reports(messageId: string): readonly DeliveryReport[];
  /** Stops listening and delivering; what is queued goes out after the next start. */
  close(): Promise<void>;
}

const nowMs = (): number => Date.now();
const housekeepingIntervalMs = 60 * 60_000;
const deadLetterLifetimeMs = 14 * 24 * 60 * 60_000;
/** A repeat comes when a process that died is there again; the longest of them are forgotten with the dead letters. */
const publishedLifetimeMs = deadLetterLifetimeMs;
const deliveredLifetimeMs = 90 * 24 * 60 * 60_000;
const deadLettersPage = 100;

/** Starts the SNS-compatible endpoint. Rejects where the data directory is in use or damaged, or a port is taken. */
export async function startSnsEndpoint(options: SnsEndpointOptions): Promise<SnsEndpoint> {
  checkOptions(options);
  const keys = await loadEndpointKeys(options.dataDir, tlsNames(options), nowMs());
  // Ends in the reverse order, whether the start fails half-way or the endpoint is closed: the database last.
  await using resources = new AsyncDisposableStack();
  const db = openSnsDatabase(options.dataDir);
  resources.defer(() => db.close());
  const deliveries = new DeliveryTable(db);
  const subscriptions = new SubscriptionTable(db);
  const published = new PublishedTable(db);
  const { region, accountId, credentials, log } = options;
  let worker: DeliveryWorker | null = null;
  const wake = () => worker?.wake();
  const emailEnabled = options.smtpUrl !== undefined;
  const networks = new SubscriberNetworks(options.subscriberNetworks ?? []);
  const context: EndpointContext = {
    db,
    topics: new TopicTable(db),
    subscriptions,
    deliveries,
    published,
    deduplicateBy: options.deduplicateBy ?? null,
    region,
    accountId,
    emailEnabled,
    networks,
    nowMs,
    wake,
  };

  // Requests are answered from the first on, and what they publish is on the disk before the worker exists, which needs the addresses.
  const handler = requestHandler({ context, credentials, signing: keys.signing, log });
  const http = createHttpServer(handler);
  resources.defer(() => closeServer(http));
  const https = createHttpsServer({ key: keys.tls.privateKeyPem, cert: keys.tls.certificatePem }, handler);
  resources.defer(() => closeServer(https));
  const url = await listen(http, "http", options.host, options.port, log);
  const tlsUrl = await listen(https, "https", options.host, options.tlsPort, log);

  const certificateBase = options.signingHost === undefined ? tlsUrl : `https://${options.signingHost}`;
  const certificateUrl = new URL(signingCertificatePath(keys.signing), certificateBase).href;
  const identity = { privateKey: createPrivateKey(keys.signing.privateKeyPem), certificateUrl };
  const publicUrl = publicBase(options.publicUrl, url);
  const email = emailDelivery(options, publicUrl);
  if (email !== null) resources.defer(() => email.close());
  const send = async (delivery: Delivery, signal: AbortSignal): Promise<void> => {
    if (delivery.protocol !== "email") return await deliverOverHttp(delivery, { identity, publicUrl, networks }, signal);
    if (email === null) throw new Error("e-mail is no longer set up on this server: it was started without a mail server (--smtp-url)");
    await email.send(delivery, signal);
  };
  const running = new DeliveryWorker({ deliveries, send, retry: options.retry ?? defaultRetry, nowMs, chance: Math.random, log });
  resources.defer(() => running.close());
  worker = running;
  resources.defer(keepHouse({ subscriptions, deliveries, published }, log));
  wake();

  const started = resources.move();
  return {
    url,
    tlsUrl,
    certificateAuthorityPem: keys.authority.certificatePem,
    deadLetters: (afterId = 0, topicArn) => deliveries.dead(afterId, topicArn ?? null, deadLettersPage).map(deadLetterOf),
    reports: (messageId) => deliveries.reports(messageId),
    redrive: (deliveryId, topicArn) => {
      const count = deliveries.redrive(deliveryId ?? null, topicArn ?? null, nowMs());
      wake();
      return count;
    },
    close: () => started.disposeAsync(),
  };
}

/** Base of the links in messages. Port 0 in it stands for the port that the system has chosen. */
function publicBase(wanted: string | undefined, url: string): string {
  if (wanted === undefined) return url;
  const base = new URL(wanted);
  if (base.port === "0") base.port = new URL(url).port;
  return base.href.replace(/\/$/, "");
}

/** Forgets what has lapsed, now and every hour. Returns what ends it. */
function keepHouse(
  { subscriptions, deliveries, published }: Pick<EndpointContext, "subscriptions" | "deliveries" | "published">,
  log: Logger,
): () => void {
  const tidyUp = () => {
    try {
      const lapsed = subscriptions.purgeLapsed(nowMs());
      const forgotten = deliveries.purgeDead(nowMs() - deadLetterLifetimeMs);
      published.purge(nowMs() - publishedLifetimeMs);
      deliveries.purgeDelivered(nowMs() - deliveredLifetimeMs);
      if (lapsed + forgotten > 0) log.info({ lapsed, forgotten }, "forgot subscriptions never confirmed, and old dead letters");
    } catch (error) {
      log.error({ err: error }, "old subscriptions and dead letters could not be removed; trying again in an hour");
    }
  };
  tidyUp();
  const timer = setInterval(tidyUp, housekeepingIntervalMs);
  return () => clearInterval(timer);
}

function emailDelivery(options: SnsEndpointOptions, publicUrl: string): EmailDelivery | null {
  if (options.smtpUrl === undefined) return null;
  return new EmailDelivery(
    { smtpUrl: options.smtpUrl, ...(options.emailFrom === undefined ? {} : { from: options.emailFrom }) },
    publicUrl,
  );
}
