import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type TLSSocket } from "node:tls";
import { Aedes } from "aedes";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { CloudLink } from "../../agent/cloud/cloud-link.ts";
import { DocumentGuard } from "../../agent/cloud/document-guard.ts";
import { openMqttCloudLink } from "../../agent/cloud/mqtt-cloud-link.ts";
import { Outbox } from "../../agent/cloud/outbox.ts";
import { TrustStore } from "../../agent/cloud/trust-store.ts";
import { trustSettingsSchema } from "../../agent/config/trust-settings.ts";
import { DocumentDesk } from "../../agent/node/document-desk.ts";
import { loadCertificateAuthority } from "../../functions/embedded/certificate-authority.ts";
import { openDataDirectory } from "../../functions/embedded/data-directory.ts";
import type { ClusterId, NodeId } from "../../shared/domain/ids.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import { cloudTopics } from "../../shared/protocol/topics.ts";
import { ClusterSigner, testClusterId, testNodeId } from "../agent/cluster-signer.ts";
import { testEvent } from "../agent/processes/test-event.ts";
import { newIdentity } from "../functions/control-plane.ts";
import { firstDocument } from "./evil-documents.ts";

const clusterId = testClusterId as ClusterId;
const nodeId = testNodeId(1) as NodeId;
const topics = { document: cloudTopics.document(clusterId), receipts: cloudTopics.receipts(clusterId, nodeId) };
const eventsWaiting = 20;

const closing = new AsyncDisposableStack();
const told: EventDetail[] = [];
const troubles: string[] = [];
const states: string[] = [];
const sockets: TLSSocket[] = [];
let aedes: Aedes;
let trust: TrustStore;
let outbox: Outbox;
let link: CloudLink;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "understudy-evil-broker-"));
  closing.defer(() => rmSync(folder, { recursive: true }));
  const directory = await openDataDirectory(join(folder, "cloud"));
  closing.defer(() => directory.close());
  const authority = await loadCertificateAuthority(directory);
  aedes = await Aedes.createBroker();
  const server = createServer(
    { ...(await authority.issueServerIdentity(["127.0.0.1"])), requestCert: true, rejectUnauthorized: false },
    (socket) => {
      sockets.push(socket);
      socket.on("error", () => {});
      aedes.handle(socket);
    },
  );
  closing.defer(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
    aedes.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  const signer = await ClusterSigner.create();
  writeFileSync(join(folder, "document"), await signer.sign(firstDocument()));
  trust = await TrustStore.open(join(folder, "document"), signer.keys, clusterId);
  trust.guardedBy(await DocumentGuard.open({ path: join(folder, "memory"), settings: trustSettingsSchema.parse({}), inForce: trust.current.document, wallClock: () => new Date(), nowMs: () => performance.now(), onTrouble: () => {} })); // biome-ignore format: one node
  const desk = new DocumentDesk({ trust, log: { info: () => {} } as never, record: (detail) => told.push(detail), inForce: () => {} });
  outbox = await Outbox.open({
    path: join(folder, "outbox"),
    eventsMax: 100,
    overflowEvent: () => testEvent("overflow", { kind: "outbox.overflow", dropped: 1 }),
    onTrouble: () => {},
  });
  closing.defer(() => outbox.close());
  for (let index = 0; index < eventsWaiting; index += 1) outbox.add(testEvent(`waiting-${index}`, { kind: "loop.late", lateMs: index }));
  const identity = await newIdentity();
  link = openMqttCloudLink({
    url: `mqtts://127.0.0.1:${(server.address() as AddressInfo).port}`,
    caPem: authority.caPem,
    identities: () => [identity],
    nodeId,
    clusterId,
    outbox,
    onDocument: (jws) => void desk.offer(jws, "the cloud"),
    onState: ({ state }) => states.push(state),
    onRefusedEvents: () => {},
    onTrouble: (reason) => troubles.push(reason),
  });
  closing.defer(() => link.close());
});
afterAll(() => closing.disposeAsync());

const publish = (topic: string, payload: string | Buffer): Promise<void> =>
  new Promise((resolve, reject) =>
    aedes.publish({ cmd: "publish", topic, payload, qos: 0, retain: false, dup: false }, (error) => (error ? reject(error) : resolve())),
  );

it("without the key, over MQTT: nothing is believed, what is told of it is bounded, and no packet larger than a document is read", async () => {
  await expect.poll(() => states.at(-1), { timeout: 10_000 }).toBe("connected");
  const junk = [
    "",
    "null",
    "[]",
    "{}",
    '{"document":1}',
    '{"document":"x","more":1}',
    "\u0000\uffff",
    "[".repeat(50_000),
    JSON.stringify({ document: "a.b.c" }),
  ];
  for (let round = 0; round < 100; round += 1) {
    for (const payload of junk) await publish(topics.document, payload);
    await publish(topics.document, JSON.stringify({ document: `${round}.y.z` }));
    for (const payload of [...junk, JSON.stringify({ stored: [`never-${round}`], refused: [] })]) await publish(topics.receipts, payload);
    await publish(`${topics.document}/run`, "id");
  }
  await expect.poll(() => troubles.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(800);
  await expect.poll(() => told.length).toBe(1);
  expect(trust.current.document).toEqual(firstDocument());
  expect(outbox.size).toBe(eventsWaiting);
  expect(link.state.state).toBe("connected");

  // A packet that claims 256 MB: the connection ends at its head, and nothing of it is kept.
  const head = Buffer.concat([Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f, 0, topics.document.length]), Buffer.from(topics.document)]);
  sockets.at(-1)?.write(Buffer.concat([head, Buffer.alloc(4 * 1_048_576, 0x61)]));
  await expect.poll(() => states.includes("disconnected"), { timeout: 10_000 }).toBe(true);
  await expect.poll(() => link.state.state, { timeout: 10_000 }).toBe("connected");
});
