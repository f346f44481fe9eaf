import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type LanBroker, startAedesBroker } from "../../../agent/link/aedes-broker.ts";
import type { NodeIdentity } from "../../../agent/link/identity.ts";
import { LanMembers } from "../../../agent/link/lan-members.ts";
import { createIdentity } from "../../../agent/link/make-identity.ts";
import { OwnCertificates } from "../../../agent/link/own-certificates.ts";
import { sayToPeers } from "../../../agent/link/say-to-peers.ts";
import { dataPaths } from "../../../agent/storage/data-directory.ts";
import { pathsOf } from "../../../shared/domain/membership/lan-path.ts";
import { testDocument, testNode, testNodeId } from "../cluster-signer.ts";

/** Nothing listens here: a port that only a privileged process could have, and none of ours has. */
const deadPort = 9;

describe("words for all peers at once", () => {
  let folder = "";
  let identities: NodeIdentity[] = [];
  const brokers: LanBroker[] = [];
  const heard: string[] = [];

  const identity = (number: number): NodeIdentity => {
    const found = identities[number - 1];
    if (found === undefined) throw new Error(`no identity ${number}`);
    return found;
  };
  const document = (ports: Readonly<Record<number, number>>) =>
    testDocument(
      [1, 2, 3].map((number) =>
        testNode(number, identity(number).certificateSha256, { heartbeat: ports[number] ?? deadPort, replication: 1 }),
      ),
    );
  const listen = async (number: number, port = 0): Promise<number> => {
    const broker = await startAedesBroker({
      paths: pathsOf({ host: "127.0.0.1" }),
      port,
      own: new OwnCertificates([identity(number)]),
      members: new LanMembers(testNodeId(number) as never, document({})),
      onPayload: (from, _path, bytes) => heard.push(`${number} heard ${Buffer.from(bytes).toString()} of ${from}`),
      onClosed: () => {},
      onRefused: (reason) => heard.push(`${number} refused: ${reason}`),
      onTwin: () => {},
    });
    brokers.push(broker);
    return broker.port;
  };
  const words = Promise.resolve([Buffer.from("one"), Buffer.from("two")]);
  const say = (ports: Readonly<Record<number, number>>, patienceMs: number, payloads: Promise<Buffer[]> = words) =>
    sayToPeers({
      own: new OwnCertificates([identity(1)]),
      members: new LanMembers(testNodeId(1) as never, document(ports)),
      payloads,
      patienceMs,
    });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "understudy-say-"));
    identities = await Promise.all(["a", "b", "c"].map((name) => createIdentity(dataPaths(mkdtempSync(join(folder, name))))));
  });
  afterEach(async () => {
    await Promise.all(brokers.splice(0).map((broker) => broker.close()));
    heard.length = 0;
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("every peer gets all of it, in order", async () => {
    const told = await say({ 2: await listen(2), 3: await listen(3) }, 5_000);
    expect(told.toSorted()).toEqual([testNodeId(2), testNodeId(3)]);
    const of = testNodeId(1);
    await expect
      .poll(() => heard.toSorted())
      .toEqual([`2 heard one of ${of}`, `2 heard two of ${of}`, `3 heard one of ${of}`, `3 heard two of ${of}`]);
  });

  it("a peer that is away keeps nobody waiting for longer than the patience, and the others have been told", async () => {
    const startedMs = performance.now();
    expect(await say({ 2: await listen(2) }, 400)).toEqual([testNodeId(2)]);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    await expect.poll(() => heard).toHaveLength(2);
  });

  it("what is to be said may be known only when connections have been there for a while, and one of them was lost", async () => {
    const [first, second] = [await listen(2), await listen(3)];
    const known = Promise.withResolvers<Buffer[]>();
    const saying = say({ 2: first, 3: second }, 5_000, known.promise);
    // Long enough for both; a connection that is not there yet would only make the test easier.
    await sleep(200);
    await brokers.pop()?.close();
    expect(heard).toEqual([]);
    await listen(3, second);
    // What is written into a connection before its end has come through is lost, with these words as with all others.
    await sleep(100);
    known.resolve([Buffer.from("late")]);
    expect((await saying).toSorted()).toEqual([testNodeId(2), testNodeId(3)]);
    const of = testNodeId(1);
    await expect.poll(() => heard.toSorted()).toEqual([`2 heard late of ${of}`, `3 heard late of ${of}`]);
  });

  it("nothing to say after all: nobody hears anything, and nobody is waited for", async () => {
    const startedMs = performance.now();
    expect(await say({ 2: await listen(2) }, 5_000, Promise.resolve([]))).toEqual([]);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    expect(heard).toEqual([]);
  });

  it("a stranger in a peer's place is told nothing", async () => {
    const port = await listen(3);
    expect(await say({ 2: port }, 300)).toEqual([]);
    expect(heard.filter((line) => line.includes("heard"))).toEqual([]);
  });
});
