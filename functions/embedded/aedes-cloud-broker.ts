import { createHash } from "node:crypto";
import { createServer, type TLSSocket } from "node:tls";
import { Aedes, type Client, type PublishPacket } from "aedes";
import type { ClusterId, NodeId } from "../../shared/domain/ids.ts";
import type { EventReceipt } from "../../shared/protocol/cloud-messages.ts";
import { cloudTopics } from "../../shared/protocol/topics.ts";
import type { AgentMessenger, Log } from "../dependencies.ts";
import { type NodeMessageKind, nodeMessageKind } from "../ingest/node-message-kind.ts";
import type { AuthenticatedNode } from "../use-cases/record-events.ts";
import type { TlsIdentity } from "./certificate-authority.ts";
import { connectProblem, keepaliveSeconds, publishProblem, subscriptionAllowed, topicLevelsMax } from "./iot-limits.ts";
import { closeServer, type ListenAddress, listen } from "./listen.ts";
import { findRetainedByTopic, type RetainedMessages } from "./retained-documents.ts";

export interface BrokerOptions {
  readonly tls: TlsIdentity;
  readonly log: Log;
  /** Whose certificate this is (SHA-256 of its DER, hex), while its cluster document names it. */
  readonly authenticate: (certificateSha256: string) => Promise<AuthenticatedNode | undefined>;
}

/** Where what the nodes do goes to. */
export interface BrokerReceiver {
  /** Takes what a node has sent. A rejection is logged; the node sends again what it gets no receipt for. */
  readonly receive: (sender: AuthenticatedNode, kind: NodeMessageKind, payload: Uint8Array) => Promise<void>;
  readonly presence: (node: AuthenticatedNode, connected: boolean) => Promise<void>;
}

const handshakeTimeoutMs = 10_000;

/**
 * The broker of the embedded cloud, with the limits of AWS IoT Core imitated: mutual TLS, client id = node id, exact topics, no QoS 2, no wills, payloads
 * of at most 128 KiB, retained messages from the cloud alone, clean sessions; whoever publishes what it may not is disconnected.
 */
export class AedesCloudBroker implements AgentMessenger {
  readonly #options: BrokerOptions;
  readonly #aedes: Aedes;
  readonly #server: ReturnType<typeof createServer>;
  /** Who is behind a socket, from the TLS handshake on. */
  readonly #identities = new WeakMap<object, Identity>();
  readonly #connected = new Map<NodeId, Client>();
  readonly #receiver = Promise.withResolvers<BrokerReceiver>();
  readonly #underWay = new Set<Promise<void>>();
  #closing = false;

  constructor(options: BrokerOptions) {
    this.#options = options;
    this.#aedes = new Aedes({
      concurrency: 100,
      connectTimeout: handshakeTimeoutMs,
      drainTimeout: 20_000,
      queueLimit: 100,
      keepaliveLimit: keepaliveSeconds.max,
      maxClientsIdLength: 128,
      maxTopicLevels: topicLevelsMax,
      preConnect: (client, packet, done) => {
        if (packet.keepalive !== undefined && packet.keepalive > 0) packet.keepalive = Math.max(packet.keepalive, keepaliveSeconds.min);
        const { clientId, will, clean } = packet;
        const problem = connectProblem(this.#nodeOf(client), { clientId, hasWill: will !== undefined, isClean: clean === true });
        if (problem !== undefined) options.log.warn({ ...this.#nodeOf(client), clientId, problem }, "a connection was refused");
        done(problem === undefined ? null : new Error(problem), problem === undefined);
      },
      authorizePublish: (client, packet, done) => {
        const problem = client === null ? undefined : publishProblem(this.#nodeOf(client), packet);
        if (problem !== undefined) options.log.warn({ ...this.#nodeOf(client), topic: packet.topic, problem }, "a node was disconnected");
        done(problem === undefined ? null : new Error(problem));
      },
      authorizeSubscribe: (client, subscription, done) => {
        const node = this.#nodeOf(client);
        const allowed = subscriptionAllowed(node, subscription);
        if (!allowed) options.log.warn({ ...node, filter: subscription.topic, qos: subscription.qos }, "a subscription was refused");
        done(null, allowed ? subscription : null);
      },
      published: (packet, client, done) => {
        const work = this.#receive(packet, client).finally(() => {
          this.#underWay.delete(work);
          done();
        });
        this.#underWay.add(work);
      },
    });
    this.#aedes.on("clientReady", (client) => this.#track(client, true));
    this.#aedes.on("clientDisconnect", (client) => this.#track(client, false));
    this.#aedes.on("clientError", (client, error) =>
      options.log.info({ ...this.#nodeOf(client), reason: error.message }, "a connection ended"),
    );
    this.#aedes.on("connectionError", (client, error) =>
      options.log.info({ ...this.#nodeOf(client), reason: error.message }, "a connection failed"),
    );
    this.#server = createServer(
      { ...options.tls, requestCert: true, rejectUnauthorized: false, minVersion: "TLSv1.2", handshakeTimeout: handshakeTimeoutMs },
      (socket) => void this.#admit(socket),
    );
    this.#server.on("tlsClientError", (error) => options.log.info({ reason: error.message }, "a TLS handshake failed"));
  }

  /** Takes the port; resolves with it. Whoever connects waits until the broker is opened. */
  async listen(address: ListenAddress): Promise<number> {
    await this.#aedes.listen();
    // There from now on, and not among its types.
    findRetainedByTopic((this.#aedes as Aedes & { readonly persistence: RetainedMessages }).persistence);
    return listen(this.#server, address);
  }

  open(receiver: BrokerReceiver): void {
    this.#receiver.resolve(receiver);
  }

  /** Nothing is to be done: the cluster document itself is asked with each connection. */
  async admit(): Promise<void> {}

  async publishDocument(clusterId: ClusterId, signed: string): Promise<void> {
    await this.#publish(cloudTopics.document(clusterId), { document: signed }, true);
    await this.#disconnectStrangers(clusterId);
  }

  /** The connections first: an agent never gets the empty message that takes the document away. */
  async retire(clusterId: ClusterId): Promise<void> {
    await this.#disconnectStrangers(clusterId);
    await this.#send(cloudTopics.document(clusterId), Buffer.alloc(0), true);
  }

  async publishReceipt(clusterId: ClusterId, nodeId: NodeId, receipt: EventReceipt): Promise<void> {
    await this.#publish(cloudTopics.receipts(clusterId, nodeId), receipt, false);
  }

  /** What has come in is taken in before this resolves; who was connected stays recorded so until the next start, which knows better. */
  async close(): Promise<void> {
    this.#closing = true;
    await new Promise<void>((resolve) => this.#aedes.close(() => resolve()));
    await closeServer(this.#server);
    await Promise.all(this.#underWay);
  }

  /** Nobody reaches the MQTT parser without a certificate that a cluster document names. */
  async #admit(socket: TLSSocket): Promise<void> {
    const { log, authenticate } = this.#options;
    const drop = (reason: string): void => {
      log.warn({ from: socket.remoteAddress, reason }, "a connection was refused");
      socket.destroy();
    };
    socket.on("error", (error) => log.info({ from: socket.remoteAddress, reason: error.message }, "a connection broke"));
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) return drop("it showed no certificate");
    const certificateSha256 = createHash("sha256").update(certificate.raw).digest("hex");
    try {
      await this.#receiver.promise;
      const node = await authenticate(certificateSha256);
      if (node === undefined) return drop(`its certificate ${certificateSha256} belongs to no node: it was never enrolled, or was removed`);
      this.#identities.set(socket, { node, certificateSha256 });
      if (!socket.destroyed) this.#aedes.handle(socket);
    } catch (error) {
      log.error({ err: error }, "a connection could not be checked");
      socket.destroy();
    }
  }

  #nodeOf(client: Client | null): AuthenticatedNode | undefined {
    return client === null ? undefined : this.#identities.get(client.conn)?.node;
  }

  async #receive(packet: PublishPacket, client: Client | null): Promise<void> {
    const node = this.#nodeOf(client);
    const kind = node === undefined ? undefined : nodeMessageKind(node, packet.topic);
    if (node === undefined || kind === undefined) return;
    try {
      await (await this.#receiver.promise).receive(node, kind, Buffer.from(packet.payload));
    } catch (error) {
      this.#options.log.error({ err: error, ...node, kind }, "a message could not be taken in; the node keeps it and sends it again");
    }
  }

  /** A newer connection of the same node ends the older one, whose end then says nothing about the node. */
  #track(client: Client, connected: boolean): void {
    const node = this.#nodeOf(client);
    if (node === undefined || this.#closing) return;
    if (connected) this.#connected.set(node.nodeId, client);
    else if (this.#connected.get(node.nodeId) !== client) return;
    else this.#connected.delete(node.nodeId);
    this.#receiver.promise
      .then(({ presence }) => presence(node, connected))
      .catch((error: unknown) => this.#options.log.error({ err: error, ...node }, "presence was not recorded"));
  }

  /** Who was removed from the document loses its connection with it. */
  async #disconnectStrangers(clusterId: ClusterId): Promise<void> {
    for (const client of this.#connected.values()) {
      const identity = this.#identities.get(client.conn);
      if (identity?.node.clusterId !== clusterId) continue;
      if ((await this.#options.authenticate(identity.certificateSha256)) === undefined) client.close();
    }
  }

  async #publish(topic: string, message: object, retain: boolean): Promise<void> {
    await this.#send(topic, Buffer.from(JSON.stringify(message)), retain);
  }

  async #send(topic: string, payload: Buffer, retain: boolean): Promise<void> {
    const packet = { cmd: "publish", topic, payload, qos: 1, retain, dup: false } as const;
    await new Promise<void>((resolve, reject) => {
      this.#aedes.publish(packet, (error) => (error === undefined || error === null ? resolve() : reject(error)));
    });
  }
}

interface Identity {
  readonly node: AuthenticatedNode;
  readonly certificateSha256: string;
}
