import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt from "mqtt";
import { expect } from "vitest";
import { AedesCloudBroker } from "../../../functions/embedded/aedes-cloud-broker.ts";
import { loadCertificateAuthority } from "../../../functions/embedded/certificate-authority.ts";
import { openDataDirectory } from "../../../functions/embedded/data-directory.ts";
import { randomId } from "../../../functions/use-cases/random-id.ts";
import type { AuthenticatedNode } from "../../../functions/use-cases/record-events.ts";
import { type NodeIdentity, newIdentity } from "../control-plane.ts";

/** A node, with a name for the test: its cluster's letter and its number there. */
export interface Member extends AuthenticatedNode {
  readonly label: string;
  readonly identity: NodeIdentity;
}

export interface RunningBroker {
  readonly broker: AedesCloudBroker;
  readonly members: readonly Member[];
  readonly member: (label: string) => Member;
  /** Whose certificates it knows, by their SHA-256. */
  readonly enrolled: Map<string, AuthenticatedNode>;
  /** What it has handed on. */
  readonly received: { sender: AuthenticatedNode; kind: string; text: string }[];
  readonly presence: string[];
  /** What it has logged, as JSON. */
  readonly logged: string[];
  readonly connect: (who: Member, options?: mqtt.IClientOptions) => mqtt.MqttClient;
  /** As `connect`, and fails where the broker refuses. */
  readonly connected: (who: Member, options?: mqtt.IClientOptions) => Promise<mqtt.MqttClient>;
  /** Between two tests: ends all clients, and forgets what came. */
  readonly tidy: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The embedded cloud's broker, with two nodes enrolled in the cluster of each letter. */
export async function runningBroker(clusters: string): Promise<RunningBroker> {
  const folder = await mkdtemp(join(tmpdir(), "us-"));
  const directory = await openDataDirectory(folder);
  const authority = await loadCertificateAuthority(directory);
  const members = await newMembers(clusters);
  const enrolled = new Map<string, AuthenticatedNode>(
    members.map(({ identity, clusterId, nodeId }) => [identity.certificateSha256, { clusterId, nodeId }]),
  );
  const [received, presence, logged, clients]: [RunningBroker["received"], string[], string[], mqtt.MqttClient[]] = [[], [], [], []];
  const note = (facts: object) => logged.push(JSON.stringify(facts));
  const broker = new AedesCloudBroker({
    tls: await authority.issueServerIdentity(["127.0.0.1"]),
    log: { info: note, warn: note, error: note },
    authenticate: async (certificate) => enrolled.get(certificate),
  });
  const port = await broker.listen({ host: "127.0.0.1", port: 0, option: "--mqtt-port" });
  broker.open({
    receive: async (sender, kind, payload) => void received.push({ sender, kind, text: Buffer.from(payload).toString() }),
    presence: async ({ nodeId }, isConnected) => void presence.push(`${nodeId} ${isConnected ? "came" : "went"}`),
  });
  const connect = (who: Member, options: mqtt.IClientOptions = {}): mqtt.MqttClient => {
    const tls = { cert: who.identity.certificatePem, key: who.identity.keyPem, ca: authority.caPem };
    const usual = { clientId: who.nodeId, reconnectPeriod: 0, connectTimeout: 5_000, keepalive: 60 };
    const client = mqtt.connect({ protocol: "mqtts", host: "127.0.0.1", port, ...usual, ...tls, ...options });
    client.on("error", () => {});
    clients.push(client);
    return client;
  };
  return {
    broker,
    members,
    member: (label) => {
      const found = members.find((one) => one.label === label);
      if (found === undefined) throw new Error(`no member ${label}`);
      return found;
    },
    enrolled,
    received,
    presence,
    logged,
    connect,
    connected: async (who, options) => {
      const client = connect(who, options);
      expect(await outcome(client)).toBe("connected");
      return client;
    },
    tidy: async () => {
      await Promise.all(clients.splice(0).map((client) => client.endAsync(true)));
      for (const list of [received, presence, logged]) list.length = 0;
    },
    close: async () => {
      await broker.close();
      await directory.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function newMembers(clusters: string): Promise<readonly Member[]> {
  const members: Member[] = [];
  for (const cluster of clusters) {
    const clusterId = randomId("clus");
    for (const number of [1, 2])
      members.push({ label: `${cluster}${number}`, clusterId, nodeId: randomId("node"), identity: await newIdentity() });
  }
  return members;
}

/** Resolves with how the attempt to connect ended. */
export const outcome = (client: mqtt.MqttClient): Promise<"connected" | "refused"> =>
  new Promise((resolve) => client.once("connect", () => resolve("connected")).once("close", () => resolve("refused")));

export const closed = (client: mqtt.MqttClient): Promise<void> => new Promise((resolve) => client.once("close", () => resolve()));
