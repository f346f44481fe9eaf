import type { AddressInfo } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import { Aedes, type Client, type PublishPacket } from "aedes";
import { limits } from "../../shared/config/limits.ts";
import type { NodeId } from "../../shared/domain/ids.ts";
import { lanTopics } from "../../shared/protocol/topics.ts";
import { systemErrorCode } from "../agent-error.ts";
import { fingerprint, type NodeIdentity } from "./identity.ts";
import type { LanMembers } from "./lan-members.ts";
import { listenError } from "./listen-error.ts";
import { MqttFrameBound } from "./mqtt-frame-bound.ts";

const handshakeTimeoutMs = 3_000;
const connectionsMax = 64;
const keepaliveLimitSeconds = 60;
/** Topic, packet id and header around the largest payload. */
const packetOverheadBytes = 1_024;

export interface LanBrokerOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly identity: NodeIdentity;
  readonly members: LanMembers;
  readonly onPayload: (from: NodeId, payload: Uint8Array) => void;
  /** The last connection from this peer has closed. */
  readonly onClosed: (peer: NodeId) => void;
  /** Who was turned away and why: the other side sees only a closed connection. */
  readonly onRefused: (reason: string) => void;
}

export interface LanBroker {
  readonly port: number;
  /** Disconnects whoever the document names no longer. */
  membersChanged(): void;
  close(): Promise<void>;
}

/**
 * The broker that the other nodes of the cluster tell things to. Mutual TLS; who you are is your certificate's fingerprint
 * in the cluster document, and a node may publish below its own name, and do nothing else.
 */
export async function startAedesBroker(options: LanBrokerOptions): Promise<LanBroker> {
  const { identity, members, onPayload, onClosed, onRefused } = options;
  const peerOf = new WeakMap<object, NodeId>();
  const sockets = new Map<TLSSocket, NodeId>();

  const broker = await Aedes.createBroker({
    drainTimeout: 5_000,
    queueLimit: 256,
    keepaliveLimit: keepaliveLimitSeconds,
    maxTopicLevels: 8,
    connectTimeout: handshakeTimeoutMs,
    preConnect: (client, packet, done) => {
      const peer = peerOf.get(client.conn);
      const problem =
        packet.clientId !== peer
          ? `it calls itself ${JSON.stringify(packet.clientId.slice(0, 64))}, its certificate is that of ${peer}`
          : packet.will === undefined
            ? null
            : "it brings a will, which no node may leave";
      done(problem === null ? null : new Error(problem), problem === null);
    },
    authenticate: (_client, _username, _password, done) => done(null, true),
    authorizeSubscribe: (_client, subscription, done) => done(new Error(`it subscribes to ${subscription.topic}, and no node may`)),
    authorizePublish: (client, packet, done) => {
      const peer = client === null ? undefined : peerOf.get(client.conn);
      if (peer === undefined) return done(new Error("it comes from nobody"));
      const problem = problemWith(members, peer, packet);
      if (problem !== null) return done(new Error(problem));
      onPayload(peer, Buffer.from(packet.payload));
      done(null);
    },
    authorizeForward: () => null,
  });
  const refused = (client: Client, error: Error): void => {
    const peer = peerOf.get(client.conn);
    if (!isPlainClose(error)) onRefused(`${peer ?? "a client"} was disconnected: ${error.message}`);
  };
  broker.on("clientError", refused);
  broker.on("connectionError", refused);

  const server = createServer({
    key: identity.keyPem,
    cert: identity.certificatePem,
    requestCert: true,
    // The document is the trust store: who is trusted is decided by fingerprint, below.
    rejectUnauthorized: false,
    minVersion: "TLSv1.3",
    handshakeTimeout: handshakeTimeoutMs,
    noDelay: true,
  });
  server.maxConnections = connectionsMax;
  server.on("tlsClientError", (error, socket) =>
    onRefused(`${socket.remoteAddress ?? "somebody"} was refused in the TLS handshake: ${error.message}`),
  );
  server.on("secureConnection", (socket) => {
    const from = socket.remoteAddress ?? "an unknown address";
    const certificate = socket.getPeerX509Certificate();
    socket.on("error", () => socket.destroy());
    const peer = certificate === undefined ? null : members.peerByFingerprint(fingerprint(certificate.raw));
    if (peer === null) {
      const why =
        certificate === undefined
          ? "it shows no certificate"
          : `its certificate (SHA-256 ${fingerprint(certificate.raw)}) is not in cluster document ${members.document.version}`;
      onRefused(`a connection from ${from} was refused: ${why}`);
      socket.destroy();
      return;
    }
    sockets.set(socket, peer);
    socket.once("close", () => {
      sockets.delete(socket);
      if (![...sockets.values()].includes(peer)) onClosed(peer);
    });
    const bounded = new MqttFrameBound(socket, limits.clusterDocumentBytesMax + packetOverheadBytes);
    peerOf.set(bounded, peer);
    broker.handle(bounded);
  });

  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    membersChanged: () => {
      for (const [socket, peer] of sockets) {
        const certificate = socket.getPeerX509Certificate();
        if (certificate !== undefined && members.peerByFingerprint(fingerprint(certificate.raw)) === peer) continue;
        onRefused(`${peer} was disconnected: cluster document ${members.document.version} names it no longer`);
        socket.destroy();
      }
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets.keys()) socket.destroy();
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      await closed;
    },
  };
}

/** Why a peer may not publish this, or null. */
function problemWith(members: LanMembers, peer: NodeId, packet: PublishPacket): string | null {
  if (packet.topic !== lanTopics.from(members.clusterId, peer))
    return `it publishes on ${packet.topic.slice(0, 128)}, which is not its own topic`;
  return packet.retain ? "it publishes a retained message, which no node may" : null;
}

function isPlainClose(error: Error): boolean {
  return ["ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE"].includes(systemErrorCode(error) ?? "");
}

function listen(server: ReturnType<typeof createServer>, { host, port }: LanBrokerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, { host, port, purpose: "heartbeats", setting: "listen.heartbeatPort" })));
    server.listen({ host, port, exclusive: true }, resolve);
  });
}
