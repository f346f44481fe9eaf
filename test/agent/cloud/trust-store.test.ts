import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TrustStore } from "../../../agent/cloud/trust-store.ts";
import { ClusterSigner, testClusterId, testDocument, testNode } from "../cluster-signer.ts";

const first = testNode(1, "a".repeat(64), { heartbeat: 7001, replication: 7002 });
const second = testNode(2, "b".repeat(64), { heartbeat: 7003, replication: 7004 });
const documentOf = (version: number, changes = {}) => testDocument([first, second], { version, ...changes });

describe("trust store", () => {
  let folder = "";
  let path = "";
  let signer: ClusterSigner;
  const open = () => TrustStore.open(path, signer.keys, testClusterId as never);

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "understudy-trust-"));
    path = join(folder, "cluster-document.jws");
    signer = await ClusterSigner.create();
    writeFileSync(path, await signer.sign(documentOf(3)));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("takes a newer document, and has it after a restart", async () => {
    const store = await open();
    const newer = await signer.sign(documentOf(4));
    expect(await store.offer(newer)).toMatchObject({ verdict: "accepted" });
    expect((await open()).current).toEqual({ document: documentOf(4), jws: newer, votersSinceVersion: 3 });
  });

  it("knows from which version on the voters are the same, also of documents that waited, and after a restart", async () => {
    const store = await open();
    let waits = true;
    store.guardedBy({ problemOf: () => (waits ? "somebody is to look at it" : null), accepted: async () => {} });
    for (const version of [4, 5]) expect((await store.offer(await signer.sign(documentOf(version)))).verdict).toBe("refused");
    expect(store.current).toMatchObject({ document: { version: 3 }, votersSinceVersion: 3 });
    await store.accept(5);
    expect(store.current).toMatchObject({ document: { version: 5 }, votersSinceVersion: 3 });
    expect((await open()).current).toEqual(store.current);
    waits = false;
    await store.offer(await signer.sign(documentOf(7)));
    expect(store.current.votersSinceVersion).toBe(7);
  });

  it.each([
    ["missing", (file: string) => rmSync(file)],
    ["damaged", (file: string) => writeFileSync(file, "{")],
    ["of an earlier version", (file: string) => writeFileSync(file, JSON.stringify({ documentVersion: 3, votersSinceVersion: 1 }))],
  ])("what it had kept of the voters is %s: it counts on the version in force alone", async (_what, spoil) => {
    await (await open()).offer(await signer.sign(documentOf(4)));
    spoil(`${path}.voters`);
    expect((await open()).current.votersSinceVersion).toBe(4);
  });

  it("an older document and the same one again change nothing and are no event", async () => {
    const store = await open();
    expect(await store.offer(await signer.sign(documentOf(2)))).toEqual({ verdict: "known" });
    expect(await store.offer(await signer.sign(documentOf(3)))).toEqual({ verdict: "known" });
    expect(store.current.document.version).toBe(3);
  });

  it("of two documents that arrive together the newer one wins, whichever comes first", async () => {
    const store = await open();
    const [five, four] = [await signer.sign(documentOf(5)), await signer.sign(documentOf(4))];
    const offers = await Promise.all([store.offer(five), store.offer(four)]);
    expect(offers.map(({ verdict }) => verdict)).toEqual(["accepted", "known"]);
    expect(readFileSync(path, "utf8")).toBe(five);
  });

  const refusals: readonly [string, () => Promise<string>, RegExp][] = [
    ["a document signed by another key", async () => (await ClusterSigner.create()).sign(documentOf(4)), /signature does not match/],
    ["a licence that passes for a document", () => signer.sign(documentOf(4), "understudy-licence"), /signed as understudy-licence/],
    ["a document of another cluster", () => signer.sign(documentOf(4, { clusterId: "clus_00000000000000000009" })), /of cluster clus_0+9/],
    [
      "a document of another customer",
      () => signer.sign(documentOf(4, { customerId: "cust_00000000000000000009" })),
      /of customer cust_0+9/,
    ],
    ["a document with an unknown field", () => signer.sign({ ...documentOf(4), run: ["rm"] }), /not a cluster document/],
    [
      "a document that breaks a rule",
      () => signer.sign({ ...documentOf(4), nodes: [first, { ...second, heartbeatPort: 7001 }] }),
      /used twice/,
    ],
    ["no document at all", async () => "nonsense", /cannot be read/],
    ["a document that is too large", async () => "x".repeat(300_000), /larger than/],
  ];
  it.each(refusals)("%s is refused with its reason, and the one in force stays", async (_name, make, reason) => {
    const store = await open();
    const offer = await store.offer(await make());
    expect(offer).toMatchObject({ verdict: "refused", reason: expect.stringMatching(reason) as string });
    expect(store.current.document.version).toBe(3);
  });

  it("a file that was tampered with: the agent does not start, and says where to get a good one", async () => {
    writeFileSync(path, `${readFileSync(path, "utf8").slice(0, -5)}AAAAA`);
    await expect(open()).rejects.toMatchObject({ code: "data-dir-unusable", nextStep: expect.stringMatching(/another node/) as string });
  });
});
