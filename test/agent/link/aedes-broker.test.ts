import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as tlsConnect } from "node:tls";
import { type IClientOptions, MqttClient } from "mqtt";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type LanBroker, startAedesBroker } from "../../../agent/link/aedes-broker.ts";
import type { NodeIdentity } from "../../../agent/link/identity.ts";
import { LanMembers } from "../../../agent/link/lan-members.ts";
import { createIdentity } from "../../../agent/link/make-identity.ts";
import { openMqttPeerLink } from "../../../agent/link/mqtt-peer-link.ts";
import { OwnCertificates } from "../../../agent/link/own-certificates.ts";
import type { PeerLink } from "../../../agent/link/peer-link.ts";
import { dataPaths } from "../../../agent/storage/data-directory.ts";
import { limits } from "../../../shared/config/limits.ts";
import type { ClusterNode } from "../../../shared/domain/membership/cluster-document.ts";
import { type LanPath, mainPath, pathsOf } from "../../../shared/domain/membership/lan-path.ts";
import { decodeLanMessage, encodeLanMessage } from "../../../shared/protocol/codec.ts";
import { lanTopics } from "../../../shared/protocol/topics.ts";
import { testDocument, testNode, testNodeId } from "../cluster-signer.ts";

const pathTo = ({ host }: ClusterNode): LanPath => ({ name: mainPath, host });

const ports = (number: number) => ({ heartbeat: 7_000 + number, replication: 8_000 + number });

function isClosed(made: MqttClient): Promise<void> {
  return new Promise((resolve) => made.once("close", () => resolve()));
}

function isConnected(made: MqttClient): Promise<void> {
  return new Promise((resolve) => made.once("connect", () => resolve()));
}

describe("broker on the LAN", () => {
  let folder = "";
  let identities: NodeIdentity[] = [];
  let members: LanMembers;
  let broker: LanBroker;
  let received: { from: string; text: string }[] = [];
  let closed: string[] = [];
  let refused: string[] = [];
  const links: PeerLink[] = [];
  const clients: MqttClient[] = [];

  const identity = (number: number): NodeIdentity => {
    const found = identities[number - 1];
    if (found === undefined) throw new Error(`no identity ${number}`);
    return found;
  };
  const documentWith = (...numbers: number[]) =>
    testDocument(numbers.map((number) => testNode(number, identity(number).certificateSha256, ports(number))));
  const ownTopic = (number: number) => lanTopics.from(members.clusterId, testNodeId(number) as never);

  /** A client with node 2's certificate (unless told otherwise) that does what it likes. */
  const client = (options: IClientOptions = {}, shown: NodeIdentity | null = identity(2)): MqttClient => {
    const keys = shown === null ? {} : { key: shown.keyPem, cert: shown.certificatePem };
    const made = new MqttClient(() => tlsConnect({ host: "127.0.0.1", port: broker.port, rejectUnauthorized: false, ...keys }), {
      clientId: testNodeId(2),
      keepalive: 5,
      reconnectPeriod: 0,
      ...options,
    });
    made.on("error", () => {});
    clients.push(made);
    return made;
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "understudy-broker-"));
    identities = await Promise.all(["a", "b", "c"].map((name) => createIdentity(dataPaths(mkdtempSync(join(folder, name))))));
    return () => rmSync(folder, { recursive: true });
  });

  beforeEach(async () => {
    [received, closed, refused] = [[], [], []];
    members = new LanMembers(testNodeId(1) as never, documentWith(1, 2));
    broker = await startAedesBroker({
      paths: pathsOf({ host: "127.0.0.1" }),
      port: 0,
      own: new OwnCertificates([identity(1)]),
      members,
      onPayload: (from, _path, bytes) => received.push({ from, text: Buffer.from(bytes).toString("latin1") }),
      onClosed: (peer) => closed.push(peer),
      onRefused: (reason) => refused.push(reason),
      onTwin: () => {},
    });
  });

  afterEach(async () => {
    for (const link of links.splice(0)) link.close();
    for (const made of clients.splice(0)) made.end(true);
    await broker.close();
  });

  it("a peer of the document is heard, by the agent's own link, and its closing is noticed", async () => {
    const own = new LanMembers(testNodeId(2) as never, documentWith(1, 2));
    const peer = { ...testNode(1, identity(1).certificateSha256, ports(1)), heartbeatPort: broker.port };
    const link = openMqttPeerLink({
      peer,
      path: pathTo(peer),
      own: new OwnCertificates([identity(2)]),
      members: own,
      onClosed: () => {},
      onRefused: (reason) => refused.push(reason),
    });
    links.push(link);
    await expect
      .poll(() => {
        link.send(Buffer.from("hello"));
        return received.length;
      })
      .toBeGreaterThan(0);
    expect(received[0]).toEqual({ from: testNodeId(2), text: "hello" });
    link.close();
    await expect.poll(() => closed).toEqual([testNodeId(2)]);
    expect(refused).toEqual([]);
  });

  it("a document that fills its limit, in its envelope, is heard whole, and what follows it too", async () => {
    const own = new LanMembers(testNodeId(2) as never, documentWith(1, 2));
    const peer = { ...testNode(1, identity(1).certificateSha256, ports(1)), heartbeatPort: broker.port };
    const link = openMqttPeerLink({
      peer,
      path: pathTo(peer),
      own: new OwnCertificates([identity(2)]),
      members: own,
      onClosed: () => {},
      onRefused: (why) => refused.push(why),
    });
    links.push(link);
    const jws = "x".repeat(limits.clusterDocumentBytesMax);
    const largest = encodeLanMessage({ type: "document", from: own.self, jws });
    await expect
      .poll(() => {
        link.send(largest);
        return received.length;
      })
      .toBeGreaterThan(0);
    expect(decodeLanMessage(Buffer.from(received[0]?.text ?? "", "latin1"))).toEqual({
      ok: true,
      message: { type: "document", from: own.self, jws },
    });
    const heard = received.length;
    await expect
      .poll(() => {
        link.send(Buffer.from("after it"));
        return received.slice(heard).map(({ text }) => text);
      })
      .toContain("after it");
    expect({ refused, closed }).toEqual({ refused: [], closed: [] });
  });

  it("a broker with another certificate than the document's gets nothing", async () => {
    const own = new LanMembers(testNodeId(2) as never, documentWith(2, 3));
    const peer = { ...testNode(3, identity(3).certificateSha256, ports(3)), heartbeatPort: broker.port };
    links.push(
      openMqttPeerLink({
        peer,
        path: pathTo(peer),
        own: new OwnCertificates([identity(2)]),
        members: own,
        onClosed: () => {},
        onRefused: (reason) => refused.push(reason),
      }),
    );
    await expect.poll(() => refused.join()).toMatch(/node-c .* shows a certificate .* that is not its own/);
  });

  it("a second agent with a live peer's identity is turned away and told why, and the first one stays", async () => {
    const own = new LanMembers(testNodeId(2) as never, documentWith(1, 2));
    const peer = { ...testNode(1, identity(1).certificateSha256, ports(1)), heartbeatPort: broker.port };
    const link = (run: string) => {
      const about = { peer, path: pathTo(peer), own: new OwnCertificates([identity(2)]), members: own, run };
      const opened = openMqttPeerLink({ ...about, onClosed: () => closed.push(run), onRefused: (reason) => refused.push(reason) });
      links.push(opened);
      return opened;
    };
    const first = link("11111111-1111-4111-8111-111111111111");
    await expect.poll(() => first.isConnected).toBe(true);
    const copy = link("22222222-2222-4222-8222-222222222222");
    await expect.poll(() => refused.join()).toMatch(/node-a turned this node away: another run of this node's agent/);
    expect(refused.join()).toMatch(/was disconnected: another run of this node, at 127\.0\.0\.1, is connected and alive/);
    expect({ first: first.isConnected, copy: copy.isConnected, closed }).toEqual({ first: true, copy: false, closed: [] });
    first.close();
    await expect.poll(() => copy.isConnected).toBe(true);
  });

  it("a connection that ends without a word is nobody's attempt; one that speaks something else is refused", async () => {
    const silent = connect({ host: "127.0.0.1", port: broker.port });
    await once(silent, "connect");
    silent.destroy();
    const stranger = connect({ host: "127.0.0.1", port: broker.port });
    stranger.on("error", () => {}).end("GET / HTTP/1.1\r\n\r\n");
    await expect.poll(() => refused).toEqual([expect.stringMatching(/127\.0\.0\.1 was refused in the TLS handshake/)]);
  });

  it("no certificate: refused, and the reason is told here", async () => {
    await isClosed(client({}, null));
    await expect.poll(() => refused).toEqual([expect.stringMatching(/127.0.0.1 was refused: it shows no certificate/)]);
  });

  it("the certificate of a node of another cluster: refused", async () => {
    await isClosed(client({ clientId: testNodeId(3) }, identity(3)));
    await expect.poll(() => refused).toEqual([expect.stringMatching(/is not in cluster document 1/)]);
  });

  it("a peer that calls itself otherwise, or brings a will: refused", async () => {
    await isClosed(client({ clientId: testNodeId(1) }));
    await isClosed(client({ will: { topic: ownTopic(1), payload: Buffer.from("x"), qos: 0, retain: false } }));
    await expect.poll(() => refused).toEqual([expect.stringMatching(/calls itself/), expect.stringMatching(/brings a will/)]);
  });

  const misdeeds: readonly [string, (made: MqttClient) => void, RegExp][] = [
    ["publishes as another node", (made) => void made.publish(ownTopic(1), "x"), /not its own topic/],
    ["publishes on a system topic", (made) => void made.publish("$SYS/x", "x"), /not its own topic/],
    ["publishes a retained message", (made) => void made.publish(ownTopic(2), "x", { retain: true }), /retained/],
    ["publishes with a wildcard", (made) => void made.publish(`${ownTopic(2)}/+`, "x"), /not allowed in PUBLISH|not its own topic/],
    ["subscribes to its own topic", (made) => void made.subscribe(ownTopic(2)), /subscribes to/],
    ["subscribes to everything", (made) => void made.subscribe("#"), /subscribes to/],
    ["sends a packet of 1 MiB", (made) => void made.publish(ownTopic(2), Buffer.alloc(1_048_576)), /larger than/],
  ];
  it.each(misdeeds)("a peer that %s is disconnected, and nothing of it is heard", async (_name, misdeed, reason) => {
    const made = client();
    await isConnected(made);
    const closing = isClosed(made);
    misdeed(made);
    await closing;
    await expect.poll(() => refused.join()).toMatch(reason);
    expect(received).toEqual([]);
  });

  it("a node that a new document no longer names is disconnected at once, and stays out", async () => {
    const made = client();
    await isConnected(made);
    const closing = isClosed(made);
    members.replace(documentWith(1, 3));
    broker.membersChanged();
    await closing;
    await isClosed(client());
    expect(refused).toEqual([expect.stringMatching(/names it no longer/), expect.stringMatching(/is not in cluster document/)]);
  });
});
