import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectionOptions, createServer, connect as tlsConnect } from "node:tls";
import { MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startAedesBroker } from "../../agent/link/aedes-broker.ts";
import { LanMembers } from "../../agent/link/lan-members.ts";
import { OwnCertificates } from "../../agent/link/own-certificates.ts";
import { PeerNetwork } from "../../agent/replication/peer-network.ts";
import { AedesCloudBroker } from "../../functions/embedded/aedes-cloud-broker.ts";
import { loadCertificateAuthority } from "../../functions/embedded/certificate-authority.ts";
import { openDataDirectory } from "../../functions/embedded/data-directory.ts";
import { openHttpListener } from "../../functions/embedded/http-listeners.ts";
import type { NodeId } from "../../shared/domain/ids.ts";
import { mainPath, pathsOf } from "../../shared/domain/membership/lan-path.ts";
import { frameParts, replicationProtocolVersion } from "../../shared/protocol/replication-frames.ts";
import { testClusterId, testDocument, testNode, testNodeId } from "../agent/cluster-signer.ts";
import { type NodeIdentity, newIdentity } from "../functions/control-plane.ts";
import { runningEndpoint } from "../functions/embedded/sns/running-endpoint.ts";

const loopback = "127.0.0.1";
const open = new AsyncDisposableStack();
/** The listeners' own node, a peer, one that was removed, and what strangers have. */
const identities = new Map<string, NodeIdentity>();
const identity = (name: string): NodeIdentity => {
  const found = identities.get(name);
  if (found === undefined) throw new Error(`no identity ${name}`);
  return found;
};
const shown = (name: string): ConnectionOptions => ({ key: identity(name).keyPem, cert: identity(name).certificatePem });
const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;

interface Attempt {
  /** As whom it names itself. */
  readonly as: NodeId;
  readonly tls: ConnectionOptions;
}
type Listener = "heartbeats" | "replication" | "the cloud's broker" | "the agents' API" | "SNS over TLS";
const attempts: Partial<Record<Listener, (attempt: Attempt) => Promise<"in" | "out">>> = {};

const peer = testNodeId(2) as NodeId;
const removed = testNodeId(3) as NodeId;
const documentOf = (numbers: readonly number[], names: readonly string[]) =>
  testDocument(
    numbers.map((number, index) =>
      testNode(number, identity(names[index] ?? "").certificateSha256, { heartbeat: 7_000 + number, replication: 8_000 + number }),
    ),
  );

const ignore = (): void => {};

beforeAll(async () => {
  const names = ["self", "peer", "removed", "another cluster's", "another customer's"];
  for (const name of names) identities.set(name, await newIdentity());
  identities.set("expired", await newIdentity({ notAfterMs: Date.now() - 3_600_000 }));
  const members = new LanMembers(testNodeId(1) as NodeId, documentOf([1, 2, 3], ["self", "peer", "removed"]));
  const self = members.document.nodes[0];
  if (self === undefined) throw new Error("there is a first node");

  const lan = await startAedesBroker({ paths: [{ name: mainPath, host: loopback }], port: 0, own: new OwnCertificates([identity("self")]), members, onPayload: ignore, onClosed: ignore, onRefused: ignore, onTwin: ignore }); // biome-ignore format: one listener
  open.defer(() => lan.close());
  attempts.heartbeats = (attempt) => overMqtt(lan.port, attempt, { username: randomUUID() });

  let streams = 0;
  const network = new PeerNetwork({ nodeId: self.nodeId, own: new OwnCertificates([identity("self")]), document: () => members.document, onStream: () => { streams += 1; }, onTurnedAway: ignore }); // biome-ignore format: one listener
  open.defer(() => network.close());
  const replicationPort = await network.listen(pathsOf({ host: loopback }), 0);
  attempts.replication = (attempt) => overReplication(replicationPort, attempt, () => streams);

  // From now on the third is a member no longer.
  members.replace(documentOf([1, 2], ["self", "peer"]));
  lan.membersChanged();

  const folder = await mkdtemp(join(tmpdir(), "us-matrix-"));
  open.defer(() => rm(folder, { recursive: true }));
  const directory = await openDataDirectory(folder);
  open.defer(() => directory.close());
  const tls = await (await loadCertificateAuthority(directory)).issueServerIdentity([loopback]);
  const enrolled = new Map([[identity("peer").certificateSha256, { clusterId: members.clusterId, nodeId: peer }], [identity("another customer's").certificateSha256, { clusterId: "clus_00000000000000000009" as never, nodeId: testNodeId(9) as NodeId }]]); // biome-ignore format: a table
  const cloud = new AedesCloudBroker({
    tls,
    log: { info: ignore, warn: ignore, error: ignore },
    authenticate: async (sha256) => enrolled.get(sha256),
  });
  open.defer(() => cloud.close());
  const cloudPort = await cloud.listen({ host: loopback, port: 0, option: "" });
  cloud.open({ receive: async () => {}, presence: async () => {} });
  attempts["the cloud's broker"] = (attempt) => overMqtt(cloudPort, attempt, {});

  const api = await openHttpListener({ host: loopback, port: 0, option: "" }, tls);
  open.defer(() => api.close());
  attempts["the agents' API"] = (attempt) => handshake(api.port, attempt);
  const sns = await runningEndpoint();
  open.use(sns);
  attempts["SNS over TLS"] = (attempt) => handshake(Number(new URL(sns.endpoint.tlsUrl).port), attempt);
});
afterAll(() => open.disposeAsync());

function overMqtt(port: number, { as, tls }: Attempt, more: { readonly username?: string }): Promise<"in" | "out"> {
  const client = new MqttClient(() => tlsConnect({ host: loopback, port, rejectUnauthorized: false, ...tls }), {
    clientId: as,
    reconnectPeriod: 0,
    connectTimeout: 5_000,
    keepalive: 60,
    ...more,
  });
  return new Promise((resolve) => {
    client.on("error", () => {});
    client.once("connect", () => {
      resolve("in");
      client.end(true);
    });
    client.once("close", () => resolve("out"));
  });
}

async function overReplication(port: number, { as, tls }: Attempt, streams: () => number): Promise<"in" | "out"> {
  const before = streams();
  const socket = tlsConnect({ host: loopback, port, rejectUnauthorized: false, ...tls });
  const hello = {
    type: "hello",
    protocol: replicationProtocolVersion,
    clusterId: testClusterId as never,
    nodeId: as,
    purpose: "ring",
    run: randomUUID(),
  } as const;
  socket.once("secureConnect", () => {
    for (const part of frameParts(hello)) socket.write(part);
  });
  return new Promise((resolve) => {
    const look = setInterval(() => {
      if (streams() === before) return;
      resolve("in");
      socket.destroy();
    }, 5);
    socket.resume().on("error", () => {});
    socket.once("close", () => {
      clearInterval(look);
      resolve("out");
    });
  });
}

function handshake(port: number, { tls }: Attempt): Promise<"in" | "out"> {
  return new Promise((resolve) => {
    const socket = tlsConnect({ host: loopback, port, rejectUnauthorized: false, ...tls }, () => {
      resolve("in");
      socket.destroy();
    });
    socket.on("error", () => resolve("out"));
  });
}

const strangers = {
  "no certificate": () => ({ as: peer, tls: {} }),
  "another cluster's certificate": () => ({ as: peer, tls: shown("another cluster's") }),
  "another customer's certificate": () => ({ as: peer, tls: shown("another customer's") }),
  "an expired certificate": () => ({ as: peer, tls: shown("expired") }),
  "a removed node's certificate": () => ({ as: removed, tls: shown("removed") }),
  "the right certificate under another name": () => ({ as: testNodeId(1) as NodeId, tls: shown("peer") }),
  "the right certificate over TLS 1.1": () => ({ as: peer, tls: { ...shown("peer"), ...old } }),
} as const;
type Intruder = keyof typeof strangers;
const everybody = Object.keys(strangers) as Intruder[];
/** Whoever has no certificate is let in to these as far as the request, which brings a token, or a signature, of its own. */
const withoutClientCertificates: readonly Listener[] = ["the agents' API", "SNS over TLS"];
const mutual = ["heartbeats", "replication", "the cloud's broker"] as const;

const cases = [
  ...mutual.flatMap((listener) => everybody.map((intruder) => ({ listener, intruder }))),
  ...withoutClientCertificates.map((listener) => ({ listener, intruder: "the right certificate over TLS 1.1" as const })),
];

describe("every TLS listener, everybody who shall not get in", () => {
  it.each(cases)("$listener, $intruder: not let in", async ({ listener, intruder }) => {
    expect(await attempts[listener]?.(strangers[intruder]())).toBe("out");
  });

  it.each([...mutual, ...withoutClientCertificates])("%s: the right one is let in", async (listener) => {
    expect(await attempts[listener]?.({ as: peer, tls: shown("peer") })).toBe("in");
  });

  it.each(["heartbeats", "replication"] as const)("%s: nobody over TLS 1.2 either", async (listener) => {
    expect(await attempts[listener]?.({ as: peer, tls: { ...shown("peer"), maxVersion: "TLSv1.2" } })).toBe("out");
  });

  it("whoever tries TLS 1.1 here could speak it", async () => {
    const { keyPem: key, certificatePem: cert } = identity("self");
    const server = createServer({ key, cert, ...old, minVersion: "TLSv1" }, (socket) => socket.on("error", () => {}));
    await new Promise<void>((resolve) => server.listen(0, loopback, resolve));
    expect(await handshake((server.address() as { port: number }).port, { as: peer, tls: old })).toBe("in");
    await new Promise<void>((resolve) => void server.close(() => resolve()));
  });
});
