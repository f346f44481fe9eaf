import { isIP } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as tlsConnect } from "node:tls";
import { MqttClient } from "mqtt";
import { limits } from "../../shared/config/limits.ts";
import type { ClusterId, NodeId } from "../../shared/domain/ids.ts";
import type { NodeReport } from "../../shared/domain/monitoring/node-report.ts";
import { type EventReceipt, eventReceiptSchema, signedDocumentSchema } from "../../shared/protocol/cloud-messages.ts";
import { cloudTopics } from "../../shared/protocol/topics.ts";
import { reasonOf } from "../agent-error.ts";
import type { NodeIdentity } from "../link/identity.ts";
import { MqttFrameBound } from "../link/mqtt-frame-bound.ts";
import { parseJson } from "../storage/parse-json.ts";
import type { CloudLink, CloudLinkState } from "./cloud-link.ts";
import type { Outbox } from "./outbox.ts";

/** The pause doubles with every failed attempt; jitter keeps a fleet from coming back all at once. */
const reconnectMs = { first: 1_000, most: 60_000 } as const;
const connectTimeoutMs = 15_000;
/** AWS IoT Core takes no less than 30. */
const keepaliveSeconds = 30;
/** Events without a receipt after this time are sent again. */
const receiptTimeoutMs = 10_000;
/** At the agent's end, for the receipt of its last events; without it they go out at the next start. */
const lastWordsMs = 1_000;
/** What the largest document takes, wrapped in JSON, with the packet's own topic and header. */
const packetBytesMax = limits.clusterDocumentBytesMax + 4_096;
const defaultPort = 8_883;
const batchBytesMax = limits.cloudMessageBytesMax - 1_024;

export interface MqttCloudLinkOptions {
  readonly url: string;
  readonly caPem: string | undefined;
  /** In the order of their use: shown in turn until the cloud takes one. */
  readonly identities: () => readonly NodeIdentity[];
  readonly nodeId: NodeId;
  readonly clusterId: ClusterId;
  readonly outbox: Outbox;
  readonly onDocument: (jws: string) => void;
  readonly onState: (state: CloudLinkState) => void;
  /** The cloud will never take these events; they are forgotten. */
  readonly onRefusedEvents: (refused: EventReceipt["refused"]) => void;
  readonly onTrouble: (reason: string) => void;
}

export function openMqttCloudLink(options: MqttCloudLinkOptions): CloudLink {
  const { nodeId, clusterId, identities, outbox, onTrouble } = options;
  const topics = {
    document: cloudTopics.document(clusterId),
    receipts: cloudTopics.receipts(clusterId, nodeId),
    events: cloudTopics.events(clusterId, nodeId),
    report: cloudTopics.report(clusterId, nodeId),
  };
  let state: CloudLinkState = { state: "disconnected", since: new Date().toISOString(), reason: "not connected yet" };
  let lastError = "the connection closed";
  let failures = 0;
  /** How often in a row it was not let in: each time another certificate is shown. */
  let turn = 0;
  let wasConnected = false;
  let closing = false;
  /** Set while a batch is on its way; one at a time. */
  let awaitingReceipt: NodeJS.Timeout | null = null;
  let unsentReport: NodeReport | null = null;

  let shown = "";
  const shownNext = (): NodeIdentity => {
    const offered = identities();
    const identity = offered[turn % offered.length];
    if (identity === undefined) throw new Error("a node always has an identity");
    shown = identity.certificateSha256;
    return identity;
  };
  const client = new MqttClient(() => boundedStream(options, shownNext()), {
    clientId: nodeId,
    clean: true,
    keepalive: keepaliveSeconds,
    connectTimeout: connectTimeoutMs,
    reconnectPeriod: reconnectMs.first,
    reconnectOnConnackError: true,
    queueQoSZero: false,
    resubscribe: false,
  });
  const setState = (next: CloudLinkState): void => {
    const isNews = next.state !== state.state || reasonIn(next) !== reasonIn(state);
    state = next;
    if (isNews && !closing) options.onState(next);
  };
  const noReceipt = (): void => {
    if (awaitingReceipt !== null) clearTimeout(awaitingReceipt);
    awaitingReceipt = null;
  };
  const sendEvents = (): void => {
    if (!client.connected || awaitingReceipt !== null || outbox.size === 0) return;
    const events = outbox.oldest(limits.eventsPerMessageMax, batchBytesMax);
    awaitingReceipt = setTimeout(() => {
      awaitingReceipt = null;
      sendEvents();
    }, receiptTimeoutMs);
    client.publish(topics.events, JSON.stringify({ events }), { qos: 1 });
  };
  const sendReport = (): void => {
    if (!client.connected || unsentReport === null) return;
    client.publish(topics.report, JSON.stringify(unsentReport), { qos: 1 });
    unsentReport = null;
  };
  const takeReceipt = (payload: Buffer): void => {
    const receipt = eventReceiptSchema.safeParse(parseJson(payload.toString("utf8")));
    if (!receipt.success) return onTrouble("the cloud sent a receipt that cannot be read");
    const { stored, refused } = receipt.data;
    if (refused.length > 0) options.onRefusedEvents(refused);
    outbox.remove([...stored, ...refused.map(({ eventId }) => eventId)]);
    noReceipt();
    sendEvents();
  };
  const takeDocument = (payload: Buffer): void => {
    const signed = signedDocumentSchema.safeParse(parseJson(payload.toString("utf8")));
    if (signed.success) options.onDocument(signed.data.document);
    else onTrouble("the cloud sent a cluster document that cannot be read");
  };

  client.on("connect", () => {
    failures = 0;
    wasConnected = true;
    client.options.reconnectPeriod = reconnectMs.first;
    client.subscribe([topics.document, topics.receipts], { qos: 1 }, (error) => {
      if (error !== null) onTrouble(`the cloud refused a subscription: ${reasonOf(error)}`);
      setState({ state: "connected", since: new Date().toISOString() });
      sendReport();
      sendEvents();
    });
  });
  client.on("message", (topic, payload) => {
    if (topic === topics.receipts) takeReceipt(payload);
    else if (topic === topics.document) takeDocument(payload);
  });
  client.on("error", (error) => {
    lastError = reasonOf(error);
  });
  client.on("close", () => {
    noReceipt();
    failures += 1;
    turn = wasConnected ? 0 : turn + 1;
    wasConnected = false;
    client.options.reconnectPeriod = Math.round(
      Math.min(reconnectMs.most, reconnectMs.first * 2 ** Math.min(failures - 1, 10)) * (0.5 + Math.random()),
    );
    setState({ state: "disconnected", since: state.state === "disconnected" ? state.since : new Date().toISOString(), reason: lastError });
    lastError = "the connection closed (a node that was removed, or whose certificate is not known there, is refused like this)";
  });
  return {
    get state() {
      return state;
    },
    identitiesChanged: () => {
      const isNewest = identities()[0]?.certificateSha256 === shown;
      if (isNewest || closing) return;
      turn = 0;
      // It connects again by itself, with the newest.
      if (client.connected) client.stream.end();
    },
    outboxChanged: sendEvents,
    report: (report) => {
      unsentReport = report;
      sendReport();
    },
    close: async () => {
      closing = true;
      const untilMs = performance.now() + lastWordsMs;
      while (client.connected && outbox.size > 0 && performance.now() < untilMs) await sleep(20);
      noReceipt();
      await client.endAsync(!client.connected);
    },
  };
}

/** Whoever speaks for the cloud cannot make this node keep more than a document's length in memory. */
function boundedStream({ url, caPem }: MqttCloudLinkOptions, { keyPem, certificatePem }: NodeIdentity): MqttFrameBound {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const socket = tlsConnect({
    host,
    port: port === "" ? defaultPort : Number(port),
    ...(isIP(host) === 0 ? { servername: host } : {}),
    key: keyPem,
    cert: certificatePem,
    ...(caPem === undefined ? {} : { ca: caPem }),
    minVersion: "TLSv1.2",
  });
  return new MqttFrameBound(socket, packetBytesMax);
}

function reasonIn(state: CloudLinkState): string {
  return state.state === "connected" ? "" : state.reason;
}
