import { createServer, type Server, type TLSSocket } from "node:tls";
import { Aedes, type Client, type PublishPacket } from "aedes";
import { limits } from "../../shared/config/limits.ts";
import type { NodeId, PathName } from "../../shared/domain/ids.ts";
import { type LanPath, pathsOf } from "../../shared/domain/membership/lan-path.ts";
import { lanClientId, lanTopics } from "../../shared/protocol/topics.ts";
import { systemErrorCode } from "../agent-error.ts";
import { fingerprint } from "./identity.ts";
import type { LanMembers } from "./lan-members.ts";
import { listenError } from "./listen-error.ts";
import { isOneOf, isRun, LiveRuns, plainAddress, type Twin } from "./live-runs.ts";
import { MqttFrameBound } from "./mqtt-frame-bound.ts";
import type { OwnCertificates } from "./own-certificates.ts";
import { PathListeners } from "./path-listeners.ts";

const handshakeTimeoutMs = 3_000;
const connectionsMax = 64;
const keepaliveLimitSeconds = 60;
/** Topic, packet id and header around the largest payload. */
const packetOverheadBytes = 1_024;

export interface LanBrokerOptions {
  /** Where to listen: this node's own address on each path. The first must be had. */
  readonly paths: readonly LanPath[];
  /** 0 lets the system choose. */
  readonly port: number;
  readonly own: OwnCertificates;
  readonly members: LanMembers;
  readonly onPayload: (from: NodeId, path: PathName, payload: Uint8Array) => void;
  /** The last connection from this peer by this path has closed. */
  readonly onClosed: (peer: NodeId, path: PathName) => void;
  /** Who was turned away and why: the other side sees only a closed connection. */
  readonly onRefused: (reason: string) => void;
  /** Somebody else has a live peer's identity, and has been turned away. */
  readonly onTwin: (twin: Twin) => void;
}

export interface LanBroker {
  readonly port: number;
  /** Disconnects whoever the document names no longer, and listens where it says that this node is reached now. */
  membersChanged(): void;
  close(): Promise<void>;
}

/**
 * The broker that the other nodes of the cluster tell things to. Mutual TLS; who you are is your certificate's fingerprint
 * in the cluster document, and a node may publish below its own name, and do nothing else.
 */
export async function startAedesBroker(options: LanBrokerOptions): Promise<LanBroker> {
  const { own, members, onPayload, onClosed, onRefused, onTwin } = options;
  const callerOf = new WeakMap<object, Caller>();
  const sockets = new Map<TLSSocket, Caller>();
  const runs = new LiveRuns<Caller>(onTwin);
  /** Why the caller is not let in, or null. What brings no run speaks for a peer once, as its guardian does. */
  const twinProblem = (caller: Caller, run: string): string | null => {
    const { peer, address } = caller;
    if (!isRun(run)) return "it does not name its run as agents do";
    const admission = runs.admit({ peer, run, address, isAtHome: isAtHome(members, caller) }, caller, performance.now());
    if (!admission.admitted) return admission.reason;
    for (const { socket } of admission.ousted) socket.destroy();
    return null;
  };

  const broker = await Aedes.createBroker({
    drainTimeout: 5_000,
    queueLimit: 256,
    keepaliveLimit: keepaliveLimitSeconds,
    maxTopicLevels: 8,
    connectTimeout: handshakeTimeoutMs,
    preConnect: (client, packet, done) => {
      const caller = callerOf.get(client.conn);
      const problem =
        caller === undefined || packet.clientId !== lanClientId(caller.peer, caller.path)
          ? `it calls itself ${JSON.stringify(packet.clientId.slice(0, 64))} on path ${caller?.path}, its certificate is that of ${caller?.peer}`
          : packet.will === undefined
            ? null
            : "it brings a will, which no node may leave";
      done(problem === null ? null : new Error(problem), problem === null);
    },
    authenticate: (client, username, _password, done) => {
      const caller = callerOf.get(client.conn);
      const problem = caller === undefined || username === undefined ? null : twinProblem(caller, username);
      if (problem === null) return done(null, true);
      // MQTT's "not authorized", which nothing else is answered with here: the other side tells what it means.
      done(Object.assign(new Error(problem), { returnCode: 5 }), false);
    },
    authorizeSubscribe: (_client, subscription, done) => done(new Error(`it subscribes to ${subscription.topic}, and no node may`)),
    authorizePublish: (client, packet, done) => {
      const caller = client === null ? undefined : callerOf.get(client.conn);
      if (caller === undefined) return done(new Error("it comes from nobody"));
      const problem = problemWith(members, caller.peer, packet);
      if (problem !== null) return done(new Error(problem));
      caller.heardAtMs = performance.now();
      onPayload(caller.peer, caller.path, Buffer.from(packet.payload));
      done(null);
    },
    authorizeForward: () => null,
  });
  const refused = (client: Client, error: Error): void => {
    const caller = callerOf.get(client.conn);
    if (!isPlainClose(error)) onRefused(`${caller?.peer ?? "a client"} was disconnected: ${error.message}`);
  };
  broker.on("clientError", refused);
  broker.on("connectionError", refused);

  const take = (socket: TLSSocket, path: PathName): void => {
    const from = plainAddress(socket.remoteAddress);
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
    const caller = new Caller(peer, path, socket, from);
    sockets.set(socket, caller);
    socket.once("close", () => {
      sockets.delete(socket);
      runs.left(peer, caller);
      if (![...sockets.values()].some((other) => other.peer === peer && other.path === path)) onClosed(peer, path);
    });
    const bounded = new MqttFrameBound(socket, limits.clusterDocumentBytesMax + packetOverheadBytes);
    callerOf.set(bounded, caller);
    broker.handle(bounded);
  };

  const listeners = await PathListeners.open({
    paths: options.paths,
    port: options.port,
    makeServer: (path) => makeServer(own, onRefused, (socket) => take(socket, path)),
    onTrouble: onRefused,
  }).catch((error: unknown) => {
    const [first] = options.paths;
    throw listenError(error, {
      host: first?.host ?? "",
      port: options.port,
      purpose: "heartbeats",
      setting: "listen.heartbeatPort",
    });
  });
  void listeners.alsoOn(members.ownPaths);
  return {
    port: listeners.port,
    membersChanged: () => {
      void listeners.alsoOn(members.ownPaths);
      for (const [socket, { peer }] of sockets) {
        const certificate = socket.getPeerX509Certificate();
        if (certificate !== undefined && members.peerByFingerprint(fingerprint(certificate.raw)) === peer) continue;
        onRefused(`${peer} was disconnected: cluster document ${members.document.version} names it no longer`);
        socket.destroy();
      }
    },
    close: async () => {
      const closed = listeners.close();
      for (const socket of sockets.keys()) socket.destroy();
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      await closed;
    },
  };
}

/** Who is at the other end of a connection, and on which of this node's addresses it arrived. */
class Caller {
  readonly peer: NodeId;
  readonly path: PathName;
  readonly socket: TLSSocket;
  /** Of the other end. */
  readonly address: string;
  heardAtMs = performance.now();

  constructor(peer: NodeId, path: PathName, socket: TLSSocket, address: string) {
    this.peer = peer;
    this.path = path;
    this.socket = socket;
    this.address = address;
  }

  get silentMs(): number {
    return performance.now() - this.heardAtMs;
  }
}

function isAtHome(members: LanMembers, { peer, address }: Caller): boolean {
  const member = members.peers.find(({ nodeId }) => nodeId === peer);
  return (
    member !== undefined &&
    isOneOf(
      address,
      pathsOf(member).map(({ host }) => host),
    )
  );
}

function makeServer(own: OwnCertificates, onRefused: (reason: string) => void, onConnection: (socket: TLSSocket) => void): Server {
  const server = createServer({
    ...own.serverOptions(),
    requestCert: true,
    // The document is the trust store: who is trusted is decided by fingerprint.
    rejectUnauthorized: false,
    minVersion: "TLSv1.3",
    handshakeTimeout: handshakeTimeoutMs,
    noDelay: true,
  });
  own.follow(server);
  server.maxConnections = connectionsMax;
  server.on("tlsClientError", (error, socket) => {
    // Other nodes look every hour whether this port is reached, and end the connection without a word (preflight/look-at-others.ts).
    if (socket.bytesRead === 0 && isPlainClose(error)) return;
    onRefused(`${socket.remoteAddress ?? "somebody"} was refused in the TLS handshake: ${error.message}`);
  });
  server.on("secureConnection", onConnection);
  return server;
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
