import "reflect-metadata";
import { createHash, webcrypto } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { X509CertificateGenerator } from "@peculiar/x509";
import type { CompareSettings } from "../../../agent/compare/compare-settings.ts";
import type { LogSettings } from "../../../agent/replication/log-limits.ts";
import { type Replication, startReplication } from "../../../agent/replication/replication.ts";
import type { ReplicationSettings } from "../../../agent/replication/thread-messages.ts";
import type { ClusterId, CustomerId, NodeId } from "../../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../../shared/domain/membership/cluster-document.ts";
import { pathsOf } from "../../../shared/domain/membership/lan-path.ts";
import type { EventDetail, EventKind } from "../../../shared/domain/monitoring/cluster-event.ts";
import type { DataSetStatus } from "../../../shared/domain/replication/replication-status.ts";
import { eventDetailSchema } from "../../../shared/protocol/event-schema.ts";
import { patience } from "../../setup/patience.ts";

export interface Identity {
  readonly keyPem: string;
  readonly certificatePem: string;
  readonly certificateSha256: string;
}

export async function makeIdentity(name: string): Promise<Identity> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.createSelfSigned({ name: `CN=${name}`, keys, signingAlgorithm: algorithm }, webcrypto);
  const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  return {
    keyPem: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`,
    certificatePem: certificate.toString("pem"),
    certificateSha256: createHash("sha256").update(Buffer.from(certificate.rawData)).digest("hex"),
  };
}

export async function waitFor<Value>(
  what: string,
  find: () => Value | undefined | false | Promise<Value | undefined | false>,
  timeoutMs = 8_000,
): Promise<Value> {
  const patienceMs = timeoutMs * patience;
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const found = await find();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`waited ${patienceMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** One server of a test cluster: its folder, its database file, and the replication thread while it runs. */
export class TestNode {
  readonly nodeId: NodeId;
  readonly folder: string;
  readonly database: string;
  /** Where a data set of files has its tree. */
  readonly tree: string;
  readonly identity: Identity;
  readonly host: string;
  readonly port: number;
  readonly events: EventDetail[] = [];
  readonly warnings: string[] = [];
  readonly failures: Error[] = [];
  /** Every word of the replication thread, for what has passed by. */
  readonly told: DataSetStatus[] = [];
  status: readonly DataSetStatus[] = [];
  /** What it may send of snapshots. */
  snapshotMegabitsPerSecondMax: number | undefined;
  /** How it compares its rows with the others'; undefined: as by default. */
  compare: CompareSettings | undefined;
  /** How much of its log it keeps for members that are away; as by default where nothing is said. */
  log: LogSettings = {};
  replication: Replication | undefined;

  constructor(index: number, root: string, identity: Identity, host: string, port: number) {
    this.nodeId = `node_${String(index).padStart(20, "0")}` as NodeId;
    this.folder = join(root, `node-${index}`);
    mkdirSync(this.folder);
    this.database = join(this.folder, "application.sqlite");
    this.tree = join(this.folder, "prompts");
    this.identity = identity;
    this.host = host;
    this.port = port;
  }

  settings(document: ClusterDocument): ReplicationSettings {
    return {
      nodeId: this.nodeId,
      identities: [this.identity],
      listen: { paths: pathsOf(this), port: this.port },
      dataDir: join(this.folder, "spool"),
      dataSets: { application: { path: this.database }, prompts: { path: this.tree } },
      document,
      snapshotMegabitsPerSecondMax: this.snapshotMegabitsPerSecondMax,
      compare: this.compare,
      ...this.log,
    };
  }

  async start(document: ClusterDocument): Promise<void> {
    this.replication = await startReplication({
      ...this.settings(document),
      onStatus: (status) => {
        this.status = status;
        this.told.push(...status);
      },
      onEvent: (detail) => this.events.push(eventDetailSchema.parse(detail)),
      onWarning: (message) => this.warnings.push(message),
      onFailure: (error) => this.failures.push(error),
    });
  }

  async stop(): Promise<void> {
    await this.replication?.stop();
    this.replication = undefined;
  }

  get dataSet(): DataSetStatus | undefined {
    return this.status[0];
  }

  sawEvent<Kind extends EventKind>(kind: Kind): Extract<EventDetail, { kind: Kind }> | undefined {
    return this.events.find((event): event is Extract<EventDetail, { kind: Kind }> => event.kind === kind);
  }

  following(timeoutMs?: number): Promise<boolean> {
    return waitFor(`${this.nodeId} to follow (${JSON.stringify(this.status)})`, () => this.dataSet?.phase === "following", timeoutMs);
  }
}

/** Servers on loopback with real certificates, files and ports; removed with everything when the test is over. */
export class LoopbackCluster implements AsyncDisposable {
  readonly nodes: readonly TestNode[];
  readonly root: string;
  document: ClusterDocument;

  private constructor(root: string, nodes: readonly TestNode[], local: readonly string[]) {
    this.root = root;
    this.nodes = nodes;
    this.document = {
      schema: 1,
      customerId: "cust_00000000000000000000" as CustomerId,
      clusterId: "clus_00000000000000000000" as ClusterId,
      name: "test",
      version: 1,
      issuedAt: "2026-01-01T00:00:00Z",
      nodes: nodes.map((node, index) => ({
        nodeId: node.nodeId,
        name: `node-${index}`,
        role: index === 0 ? "primary" : "secondary",
        voting: true,
        host: node.host,
        heartbeatPort: 1,
        replicationPort: node.port,
        certificateSha256: node.identity.certificateSha256,
      })),
      groups: [],
      dataSets: [{ kind: "sqlite", name: "application", local }],
      timing: "default",
    };
  }

  static async make(size: number, local: readonly string[] = []): Promise<LoopbackCluster> {
    const root = mkdtempSync(join(tmpdir(), "understudy-replication-"));
    const hosts = loopbackHosts(size);
    const nodes = await Promise.all(
      hosts.map(async (host, index) => new TestNode(index, root, await makeIdentity(`node-${index}`), host, await freePort(host))),
    );
    return new LoopbackCluster(root, nodes, local);
  }

  node(index: number): TestNode {
    const node = this.nodes[index];
    if (node === undefined) throw new Error(`the cluster has no node ${index}`);
    return node;
  }

  async start(): Promise<void> {
    for (const node of this.nodes) await node.start(this.document);
    for (const node of this.nodes) await node.following();
  }

  /** Resolves when all running nodes have the same rows in every table. */
  async equal(timeoutMs?: number): Promise<Readonly<Record<string, { readonly rows: number; readonly sha256: string }>>> {
    let last: unknown;
    try {
      return await waitFor(
        "equal replicas",
        async () => {
          const digests = await Promise.all(this.nodes.flatMap((node) => node.replication?.digest("application") ?? []));
          last = digests;
          const [first, ...others] = digests;
          return first !== undefined && others.every((digest) => JSON.stringify(digest) === JSON.stringify(first)) && first;
        },
        timeoutMs,
      );
    } catch (error) {
      throw new Error(
        `${String(error)}: ${JSON.stringify(last)} ${JSON.stringify(this.nodes.map((node) => node.status))} ${this.nodes.flatMap((node) => node.failures.map((failure) => failure.stack)).join()}`,
        {
          cause: error,
        },
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
    rmSync(this.root, { recursive: true, force: true });
  }
}

let clusters = 0;

/**
 * Addresses of a cluster's own. On 127.0.0.1 the port of a node that is down is free for any outgoing connection of the machine, even for the one
 * that another node makes to it, and then the node cannot start again.
 */
function loopbackHosts(count: number): string[] {
  clusters += 1;
  return Array.from({ length: count }, (_, index) => `127.${1 + (process.pid % 254)}.${clusters % 256}.${index + 1}`);
}

function freePort(host: string): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, () => {
      const address = server.address();
      if (address === null || typeof address === "string") return reject(new Error("no port"));
      server.close(() => resolve(address.port));
    });
  });
}
