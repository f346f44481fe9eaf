import { createHash, randomUUID } from "node:crypto";
import { type ConnectionOptions, connect, createServer, type Server, type TLSSocket } from "node:tls";
import type { NodeId, PathName } from "../../shared/domain/ids.ts";
import { fingerprintsOf, newestFingerprint } from "../../shared/domain/membership/certificates.ts";
import type { ClusterDocument, ClusterNode } from "../../shared/domain/membership/cluster-document.ts";
import { type LanPath, pathsBetween, pathsOf } from "../../shared/domain/membership/lan-path.ts";
import { type FrameOf, replicationProtocolVersion } from "../../shared/protocol/replication-frames.ts";
import { reasonOf } from "../agent-error.ts";
import type { NodeIdentity } from "../link/identity.ts";
import { isOneOf, LiveRuns, plainAddress } from "../link/live-runs.ts";
import { certificateName, type OwnCertificates } from "../link/own-certificates.ts";
import { PathListeners } from "../link/path-listeners.ts";
import { PeerStream } from "./peer-stream.ts";
import { SharedReader } from "./shared-reader.ts";
import type { ReachablePeer } from "./thread-messages.ts";

type Hello = FrameOf<"hello">;
export type StreamPurpose = Hello["purpose"];

export interface NetworkOptions {
  readonly nodeId: NodeId;
  readonly own: OwnCertificates;
  readonly document: () => ClusterDocument;
  /** A stream that a peer has opened; its certificate and its hello have been checked. */
  readonly onStream: (peer: NodeId, stream: PeerStream, purpose: StreamPurpose) => void;
  /** Somebody was turned away. */
  readonly onTurnedAway: (reason: string) => void;
}

const handshakeWithinMs = 3_000;
/** rejectUnauthorized would ask a certificate authority; on both sides the fingerprint takes its place. */
const trustByDocument = { rejectUnauthorized: false, minVersion: "TLSv1.3" } as const;
const waitingHandshakesMax = 64;

/**
 * Streams between the nodes of one cluster. Who is who is decided by the certificate alone: its SHA-256 must stand in the cluster
 * document, on both sides, before a byte of what it says is looked at. No certificate authority is asked.
 */
export class PeerNetwork {
  readonly #options: NetworkOptions;
  #listeners: PathListeners | undefined;
  /** The paths by which each peer is heard. */
  #heard: ReadonlyMap<NodeId, readonly PathName[]> = new Map();
  /** With the certificate that the other end has shown; undefined: none yet. */
  readonly #sockets = new Map<TLSSocket, string | undefined>();
  /** Of this agent: peers tell a copy of its machine by it. */
  readonly #run = randomUUID();
  // The control loop tells of twins: whoever comes here knocks there too.
  readonly #runs = new LiveRuns<PeerStream>(() => {});

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  /** Resolves with the port when the first path is listened on. Rejects where it cannot be had. */
  async listen(paths: readonly LanPath[], port: number): Promise<number> {
    const { onTurnedAway } = this.#options;
    try {
      this.#listeners = await PathListeners.open({ paths, port, makeServer: () => this.#makeServer(), onTrouble: onTurnedAway });
    } catch (error) {
      throw listenProblem(error as NodeJS.ErrnoException, paths[0]?.host ?? "", port);
    }
    this.documentChanged();
    return this.#listeners.port;
  }

  /** Listens where the document says that this node is reached now, too. */
  documentChanged(): void {
    const { document, nodeId } = this.#options;
    const self = document().nodes.find((one) => one.nodeId === nodeId);
    if (self !== undefined) void this.#listeners?.alsoOn(pathsOf(self));
    this.#closeStrangers();
  }

  /** Whoever was removed, or shows a certificate that is nobody's any more, is heard no further. */
  #closeStrangers(): void {
    const { document, onTurnedAway } = this.#options;
    const named = new Set(document().nodes.flatMap((node) => fingerprintsOf(node)));
    for (const [socket, shown] of this.#sockets) {
      if (shown === undefined || named.has(shown)) continue;
      onTurnedAway(
        `a connection with ${plainAddress(socket.remoteAddress)} was closed: its certificate (SHA-256 ${shown}) is nobody's any more`,
      );
      socket.destroy();
    }
  }

  reachableChanged(reachable: readonly ReachablePeer[]): void {
    this.#heard = new Map(reachable.map(({ nodeId, paths }) => [nodeId, paths]));
  }

  /** The peer is heard, and not on this path. */
  isSilentPath(peer: NodeId, path: PathName | undefined): boolean {
    const heard = this.#heard.get(peer) ?? [];
    return path !== undefined && heard.length > 0 && !heard.includes(path);
  }

  /** Opens a stream to a node of the document, by the first path that works: those on which it is heard are tried first. Rejects with the reasons. */
  async dial(node: ClusterNode, purpose: StreamPurpose): Promise<PeerStream> {
    const { document, nodeId } = this.#options;
    const self = document().nodes.find((one) => one.nodeId === nodeId);
    const paths = pathsBetween(self, node).toSorted(
      (one, other) => Number(this.isSilentPath(node.nodeId, one.name)) - Number(this.isSilentPath(node.nodeId, other.name)),
    );
    const reasons: string[] = [];
    for (const path of paths) {
      // The peer may not have heard of the newest certificate yet, or not know an older one any more.
      for (const identity of this.#options.own.identities) {
        try {
          return await this.#dialBy(path, node, purpose, identity);
        } catch (error) {
          reasons.push(paths.length === 1 ? reasonOf(error) : `path ${path.name}: ${reasonOf(error)}`);
        }
      }
    }
    throw new Error([...new Set(reasons)].join("; "));
  }

  async #dialBy({ name, host }: LanPath, node: ClusterNode, purpose: StreamPurpose, identity: NodeIdentity): Promise<PeerStream> {
    const reader = new SharedReader();
    // Node knows `onread` here as on any socket; its types do not.
    const options: ConnectionOptions & { onread: typeof reader.onread } = {
      host,
      port: node.replicationPort,
      onread: reader.onread,
      secureContext: this.#options.own.contextFor(identity),
      servername: certificateName(newestFingerprint(node)),
      checkServerIdentity: () => undefined,
      ...trustByDocument,
    };
    const socket = connect(options);
    this.#keep(socket);
    await new Promise<void>((resolve, reject) => {
      const patience = setTimeout(() => socket.destroy(new Error("no TLS handshake in time")), handshakeWithinMs);
      socket.once("secureConnect", () => {
        clearTimeout(patience);
        resolve();
      });
      socket.once("error", (error) => {
        clearTimeout(patience);
        reject(error);
      });
      socket.once("close", () => reject(new Error("the connection was closed before its handshake")));
    });
    const fingerprint = fingerprintOf(socket);
    if (fingerprint === undefined || !fingerprintsOf(node).includes(fingerprint)) {
      socket.destroy();
      throw new Error(`${host}:${node.replicationPort} shows a certificate that is not ${node.name}'s (SHA-256 ${fingerprint})`);
    }
    this.#sockets.set(socket, fingerprint);
    const stream = new PeerStream(socket, name);
    reader.readInto(stream);
    stream.send(this.#hello(purpose));
    await this.#helloOf(stream, node, socket);
    return stream;
  }

  close(): void {
    void this.#listeners?.close();
    for (const socket of this.#sockets.keys()) socket.destroy();
  }

  #makeServer(): Server {
    const { own } = this.#options;
    const options = { ...own.serverOptions(), ...trustByDocument, requestCert: true, handshakeTimeout: handshakeWithinMs };
    const server = createServer(options, (socket) => this.#accept(socket));
    own.follow(server);
    server.maxConnections = waitingHandshakesMax;
    server.on("tlsClientError", (error, socket) => {
      const where = socket.remoteAddress ?? "an unknown address";
      this.#options.onTurnedAway(`a connection from ${where} failed its TLS handshake: ${error.message}`);
    });
    return server;
  }

  #accept(socket: TLSSocket): void {
    this.#keep(socket);
    const fingerprint = fingerprintOf(socket);
    const document = this.#options.document();
    const node = document.nodes.find((one) => fingerprint !== undefined && fingerprintsOf(one).includes(fingerprint));
    if (node === undefined || node.nodeId === this.#options.nodeId) {
      this.#options.onTurnedAway(
        `a connection from ${socket.remoteAddress ?? "an unknown address"} was closed: its certificate (SHA-256 ${fingerprint}) is not in version ${document.version} of the cluster document`,
      );
      socket.destroy();
      return;
    }
    this.#sockets.set(socket, fingerprint);
    const stream = new PeerStream(socket);
    void this.#greet(stream, node, socket);
  }

  async #greet(stream: PeerStream, node: ClusterNode, socket: TLSSocket): Promise<void> {
    try {
      const { purpose } = await this.#helloOf(stream, node, socket);
      stream.send(this.#hello(purpose));
      this.#options.onStream(node.nodeId, stream, purpose);
    } catch (error) {
      this.#options.onTurnedAway(`a connection from ${node.name} was closed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #helloOf(stream: PeerStream, node: ClusterNode, socket: TLSSocket): Promise<Hello> {
    return new Promise((resolve, reject) => {
      const patience = setTimeout(() => stream.refuse("no hello in time"), handshakeWithinMs);
      stream.handle({
        onFrame: (frame) => {
          clearTimeout(patience);
          const problem = this.#helloProblem(frame, node.nodeId) ?? this.#twinProblem(frame as Hello, node, stream, socket);
          if (problem !== undefined) return stream.refuse(problem);
          resolve(frame as Hello);
          // Nothing is read on until the stream's next owner has taken it over.
          return new Promise((handedOn) => setImmediate(handedOn));
        },
        onClosed: (reason) => {
          clearTimeout(patience);
          reject(new Error(reason));
        },
      });
    });
  }

  #helloProblem(frame: { readonly type: string } | Hello, expected: NodeId): string | undefined {
    if (frame.type !== "hello" || !("clusterId" in frame)) return `the first frame must be hello, not ${frame.type}`;
    if (frame.protocol !== replicationProtocolVersion) {
      return `replication protocol ${frame.protocol} is not spoken here (${replicationProtocolVersion} is): bring both agents to one version`;
    }
    if (frame.clusterId !== this.#options.document().clusterId) return `hello names another cluster (${frame.clusterId})`;
    if (frame.nodeId !== expected) return `hello names ${frame.nodeId}, but the certificate is ${expected}'s`;
    return undefined;
  }

  /** Two machines with one identity would acknowledge each other's data. */
  #twinProblem({ run }: Hello, node: ClusterNode, stream: PeerStream, socket: TLSSocket): string | undefined {
    const { nodeId: peer } = node;
    if (run === undefined) return undefined;
    const address = plainAddress(socket.remoteAddress);
    const hosts = pathsOf(node).map(({ host }) => host);
    const admission = this.#runs.admit({ peer, run, address, isAtHome: isOneOf(address, hosts) }, stream, performance.now());
    if (!admission.admitted) return admission.reason;
    socket.once("close", () => this.#runs.left(peer, stream));
    for (const ousted of admission.ousted) ousted.refuse(`an agent at ${address}, the address of ${node.name}, has the same identity`);
    return undefined;
  }

  #hello(purpose: StreamPurpose): Hello {
    const { nodeId, document } = this.#options;
    return { type: "hello", protocol: replicationProtocolVersion, clusterId: document().clusterId, nodeId, purpose, run: this.#run };
  }

  #keep(socket: TLSSocket): void {
    this.#sockets.set(socket, undefined);
    socket.once("close", () => this.#sockets.delete(socket));
    // Every later owner listens too; this one is for the moments in between.
    socket.on("error", () => socket.destroy());
  }
}

function fingerprintOf(socket: TLSSocket): string | undefined {
  const { raw } = socket.getPeerCertificate();
  return raw === undefined ? undefined : createHash("sha256").update(raw).digest("hex");
}

function listenProblem(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const steps: Readonly<Record<string, string>> = {
    EADDRINUSE: "another process holds the port: stop it, or give this node another replication port in the console",
    EACCES: "the agent's user may not use this port: choose one above 1023",
    EADDRNOTAVAIL: "this machine has no such address: correct the listening address in this node's settings",
  };
  const step = steps[error.code ?? ""] ?? "check the listening address and port in this node's settings";
  return new Error(`replication cannot listen on ${host}:${port} (${error.message}): ${step}`, { cause: error });
}
