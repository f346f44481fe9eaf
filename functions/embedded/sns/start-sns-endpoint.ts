import { createPrivateKey } from "node:crypto";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Logger } from "pino";
import type { Delivery } from "./delivery-table.ts";
import { DeliveryTable } from "./delivery-table.ts";
import { DeliveryWorker } from "./delivery-worker.ts";
import { EmailDelivery } from "./email-delivery.ts";
import type { EndpointContext } from "./endpoint-context.ts";
import { signingCertificatePath } from "./endpoint-keys.ts";
import { deliverOverHttp } from "./http-delivery.ts";
import { requestHandler } from "./http-listener.ts";
import { loadEndpointKeys } from "./key-file.ts";
import { closeServer, listen, urlHost } from "./listening.ts";
import type { Credentials } from "./request-signature.ts";
import { defaultRetry, type RetrySettings } from "./retry-schedule.ts";
import { openSnsDatabase } from "./sns-database.ts";
import { SubscriptionTable } from "./subscription-table.ts";
import { TopicTable } from "./topic-table.ts";

export interface SnsEndpointOptions {
  /** Keys, topics, subscriptions and the delivery queue; made where it is missing. One process at a time. */
  readonly dataDir: string;
  readonly host: string;
  /** Of the API over HTTP; 0 lets the system choose, as for `tlsPort`. */
  readonly port: number;
  /** Of the same over HTTPS, where verifiers fetch the signing certificate. */
  readonly tlsPort: number;
  readonly region: string;
  /** Twelve digits. */
  readonly accountId: string;
  /** Calls signed with these are answered, others refused. */
  readonly credentials: Credentials;
  /** Name that SigningCertURL gives, at port 443: `sns.<region>.amazonaws.com` for verifiers that accept no other. Without it, `tlsUrl`. */
  readonly signingHost?: string;
  /** Where subscribers reach this endpoint: base of the confirm and unsubscribe links. Without it, `url`. */
  readonly publicUrl?: string;
  /** Without it, subscriptions by e-mail are refused. */
  readonly smtpUrl?: string;
  readonly emailFrom?: string;
  readonly retry?: RetrySettings;
  readonly log: Logger;
}

export interface DeadLetter {
  readonly deliveryId: number;
  readonly topicArn: string;
  readonly subscriptionArn: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly messageId: string;
  readonly attempts: number;
  readonly reason: string;
  /** ISO 8601 UTC. */
  readonly diedAt: string;
}

export interface SnsEndpoint {
  readonly url: string;
  readonly tlsUrl: string;
  /** What subscribers trust to reach `tlsUrl`; also in `<dataDir>/sns-ca.pem`. */
  readonly certificateAuthorityPem: string;
  /** Deliveries that were given up, oldest first, those after `afterId`; at most 100 at once. They are kept for 14 days. */
  deadLetters(afterId?: number): readonly DeadLetter[];
  /** Tries a dead letter, or all of them, from the start again. Returns how many. */
  redrive(deliveryId?: number): number;
  /** Stops listening and delivering; what is queued goes out after the next start. */
  close(): Promise<void>;
}

const nowMs = (): number => Date.now();
const housekeepingIntervalMs = 60 * 60_000;
const deadLetterLifetimeMs = 14 * 24 * 60 * 60_000;
const deadLettersPage = 100;

/** Starts the SNS-compatible endpoint. Rejects where the data directory is in use or damaged, or a port is taken. */
export async function startSnsEndpoint(options: SnsEndpointOptions): Promise<SnsEndpoint> {
  checkOptions(options);
  const names = [options.signingHost ?? `sns.${options.region}.amazonaws.com`, "localhost", "127.0.0.1", urlHost(options.host)];
  const keys = await loadEndpointKeys(options.dataDir, [...new Set(names)], nowMs());
  // Ends in the reverse order, whether the start fails half-way or the endpoint is closed: the database last.
  await using resources = new AsyncDisposableStack();
  const db = openSnsDatabase(options.dataDir);
  resources.defer(() => db.close());
  const http = createHttpServer();
  resources.defer(() => closeServer(http));
  const https = createHttpsServer({ key: keys.tls.privateKeyPem, cert: keys.tls.certificatePem });
  resources.defer(() => closeServer(https));
  const url = await listen(http, "http", options.host, options.port);
  const tlsUrl = await listen(https, "https", options.host, options.tlsPort);

  const certificatePath = signingCertificatePath(keys.signing);
  const certificateUrl = new URL(certificatePath, options.signingHost === undefined ? tlsUrl : `https://${options.signingHost}`).href;
  const identity = { privateKey: createPrivateKey(keys.signing.privateKeyPem), certificateUrl };
  const publicUrl = options.publicUrl ?? url;
  const email = emailDelivery(options, publicUrl);
  if (email !== null) resources.defer(() => email.close());

  const deliveries = new DeliveryTable(db);
  const subscriptions = new SubscriptionTable(db);
  const send = async (delivery: Delivery, signal: AbortSignal): Promise<void> => {
    if (delivery.protocol !== "email") return await deliverOverHttp(delivery, identity, publicUrl, signal);
    if (email === null) throw new Error("e-mail is no longer set up on this server: the setting smtpUrl is missing");
    await email.send(delivery, signal);
  };
  const retry = options.retry ?? defaultRetry;
  const worker = new DeliveryWorker({ deliveries, send, retry, nowMs, chance: Math.random, log: options.log });
  resources.defer(() => worker.close());

  const context: EndpointContext = {
    db,
    topics: new TopicTable(db),
    subscriptions,
    deliveries,
    region: options.region,
    accountId: options.accountId,
    emailEnabled: email !== null,
    nowMs,
    wake: () => worker.wake(),
  };
  const handler = requestHandler({
    context,
    credentials: options.credentials,
    signingCertificatePath: certificatePath,
    signingCertificatePem: keys.signing.certificatePem,
    log: options.log,
  });
  http.on("request", handler);
  https.on("request", handler);
  const tidyUp = () => {
    const lapsed = subscriptions.purgeLapsed(nowMs());
    const forgotten = deliveries.purgeDead(nowMs() - deadLetterLifetimeMs);
    if (lapsed + forgotten > 0) options.log.info({ lapsed, forgotten }, "forgot subscriptions never confirmed, and old dead letters");
  };
  tidyUp();
  const housekeeping = setInterval(tidyUp, housekeepingIntervalMs);
  resources.defer(() => clearInterval(housekeeping));
  worker.wake();

  const running = resources.move();
  return {
    url,
    tlsUrl,
    certificateAuthorityPem: keys.authority.certificatePem,
    deadLetters: (afterId = 0) => deliveries.dead(afterId, deadLettersPage).map(deadLetterOf),
    redrive: (deliveryId) => {
      const count = deliveries.redrive(deliveryId ?? null, nowMs());
      worker.wake();
      return count;
    },
    close: () => running.disposeAsync(),
  };
}

function checkOptions(options: SnsEndpointOptions): void {
  if (!/^\d{12}$/.test(options.accountId)) throw new Error(`accountId must be twelve digits, and is ${options.accountId}`);
  if (!/^[a-z0-9-]{3,32}$/.test(options.region)) throw new Error(`region must look like eu-central-1, and is ${options.region}`);
  if (options.credentials.accessKeyId === "" || options.credentials.secretAccessKey === "") {
    throw new Error("credentials must not be empty: everybody could publish");
  }
}

function emailDelivery(options: SnsEndpointOptions, publicUrl: string): EmailDelivery | null {
  if (options.smtpUrl === undefined) return null;
  return new EmailDelivery(
    { smtpUrl: options.smtpUrl, ...(options.emailFrom === undefined ? {} : { from: options.emailFrom }) },
    publicUrl,
  );
}

function deadLetterOf(delivery: Delivery): DeadLetter {
  return {
    deliveryId: delivery.deliveryId,
    topicArn: delivery.topicArn,
    subscriptionArn: delivery.subscriptionArn,
    protocol: delivery.protocol,
    endpoint: delivery.endpoint,
    messageId: delivery.message.messageId,
    attempts: delivery.failures,
    reason: delivery.lastError ?? "",
    diedAt: new Date(delivery.deadAtMs ?? 0).toISOString(),
  };
}
