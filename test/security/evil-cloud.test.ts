import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DocumentGuard } from "../../agent/cloud/document-guard.ts";
import { TrustStore } from "../../agent/cloud/trust-store.ts";
import { trustSettingsSchema } from "../../agent/config/trust-settings.ts";
import { DocumentDesk } from "../../agent/node/document-desk.ts";
import { afterSuccession, knownMembers } from "../../shared/domain/membership/document-continuity.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import { Approver } from "../agent/approver.ts";
import { ClusterSigner, testClusterId, testNextCertificate } from "../agent/cluster-signer.ts";
import { type Attacker, evilDocuments, firstDocument, member, ours, type Verdict, verdictWithApprover } from "./evil-documents.ts";

const dayMs = 86_400_000;
let folder = "";
let signer: ClusterSigner;
let attacker: Attacker;
let wallMs = 0;
let steadyMs = 0;
const told: EventDetail[] = [];

const noOrder = { groups: [{ name: "default", order: [], resources: [], failback: { mode: "manual" } }] };
const signed = (change: object, type?: string) => signer.sign({ ...firstDocument(), version: 4, ...change }, type);

const documentOf = (nodes: typeof ours, version: number) => signed({ nodes, version, ...noOrder });

/** The next document, with one resource. */
const leading = (resource: object, version: number) =>
  signed({ version, groups: [{ name: "default", order: [], resources: [resource], failback: { mode: "manual" } }] });
const front = (address: string) => ({ kind: "address", name: "front", address });
const record = {
  kind: "dns-record",
  name: "www",
  zone: "example.com",
  domainName: "www.example.com",
  type: "A",
  ttlSeconds: 60,
  servers: [{ host: "10.0.0.53", port: 53 }],
  tsigKey: "key",
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "understudy-evil-"));
  signer = await ClusterSigner.create();
  const jws = await signer.sign(firstDocument());
  writeFileSync(join(folder, "document"), jws);
  attacker = { inForce: firstDocument(), jws, sign: signed };
  wallMs = Date.parse("2026-11-22T00:00:00Z");
  steadyMs = 0;
  told.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A node, as far as documents go: opened anew on the same files it is one that was restarted. */
async function node(settings: object = {}) {
  const trust = await TrustStore.open(join(folder, "document"), signer.keys, testClusterId as never);
  const guard = await DocumentGuard.open({
    path: join(folder, "memory"),
    settings: trustSettingsSchema.parse(settings),
    inForce: trust.current.document,
    wallClock: () => new Date(wallMs),
    nowMs: () => steadyMs,
    onTrouble: (reason) => expect.unreachable(reason),
    interfaces: () => ({}),
  });
  trust.guardedBy(guard);
  const desk = new DocumentDesk({ trust, log: { info: () => {} } as never, record: (detail) => told.push(detail), inForce: () => {} });
  return { trust, desk };
}

type Node = Awaited<ReturnType<typeof node>>;

async function verdictOn({ trust }: Node, documents: readonly string[]): Promise<Verdict> {
  let verdict: Verdict = "known";
  for (const jws of documents) {
    const offer = await trust.offer(jws);
    verdict = offer.verdict === "accepted" ? "taken" : trust.held !== null ? "waits" : offer.verdict;
  }
  return verdict;
}

describe("evil cloud: what a control plane without the signing key, and with it, can make a node believe", () => {
  it.each(evilDocuments)("$what: $verdict", async ({ send, verdict }) => {
    const victim = await node();
    const documents = await send(attacker);
    expect(await verdictOn(victim, documents)).toBe(verdict);
    if (verdict === "refused" || verdict === "known") expect(victim.trust.current.document).toEqual(firstDocument());
    // Nor after a restart.
    if (verdict === "refused" || verdict === "known") expect(await verdictOn(await node(), documents)).toBe(verdict);
  });

  describe("with the signing key, without the approver's", () => {
    let approver: Approver;
    let inForce: ReturnType<typeof firstDocument>;

    beforeEach(async () => {
      approver = await Approver.create();
      inForce = await approver.approve(firstDocument(), 1);
      const jws = await signer.sign(inForce);
      writeFileSync(join(folder, "document"), jws);
      attacker = { inForce, jws, sign: (change, type) => signer.sign({ ...inForce, version: 4, ...change }, type) };
    });

    it.each(evilDocuments)("$what", async (evil) => {
      const victim = await node();
      const documents = await evil.send(attacker);
      expect(await verdictOn(victim, documents)).toBe(verdictWithApprover(evil));
      if (evil.verdict === "taken" && evil.free !== true) expect(victim.trust.held?.reason).toMatch(/approver has not signed/);
      if (evil.verdict !== "taken") return;
      expect(victim.trust.current.document.groups[0]?.resources).toEqual(firstDocument().groups[0]?.resources);
      expect(victim.trust.current.document.nodes.map(({ nodeId }) => nodeId).toSorted()).toEqual(ours.map(({ nodeId }) => nodeId));
    });

    it("no approver, another one, another's signature, an earlier approval: each waits; what waited is in force once it is approved", async () => {
      const victim = await node();
      const fast = { ...inForce, timing: "fast" as const };
      expect(await verdictOn(victim, [await signer.sign(await approver.approve({ ...fast, version: 4 }, 2))])).toBe("taken");
      const mine = await Approver.create();
      const sent = [
        { ...inForce, version: 5 },
        { ...fast, version: 6, approval: undefined },
        await mine.approve({ ...fast, version: 7 }, 3),
        await mine.approve({ ...fast, version: 8 }, 3, null),
        { ...fast, version: 9, approval: { ...(await approver.sign(fast, 2)), key: mine.key } },
      ];
      for (const document of sent) expect(await verdictOn(victim, [await signer.sign(document)])).toBe("waits");
      const restarted = await node();
      expect(restarted.trust.current.document.version).toBe(4);
      const one = { ...fast, version: 10, ...(noOrder as object), nodes: ours.slice(0, 2) };
      expect(await verdictOn(restarted, [await signer.sign(one)])).toBe("waits");
      await restarted.desk.offer(await signer.sign(await approver.approve({ ...one, version: 11 }, 3)), "the cloud");
      expect(restarted.trust.current.document).toMatchObject({
        version: 11,
        nodes: [{ nodeId: ours[0]?.nodeId }, { nodeId: ours[1]?.nodeId }],
      });
      expect(restarted.trust.held).toBeNull();
    });

    it("the approver's key is lost: somebody at each node says so, and the cluster has none any more", async () => {
      const victim = await node();
      await victim.desk.offer(await signer.sign({ ...inForce, version: 4, approval: undefined }), "the cloud");
      await victim.desk.accept(4);
      expect(await verdictOn(victim, [await signer.sign({ ...inForce, version: 5, approval: undefined, timing: "fast" })])).toBe("taken");
    });
  });

  it("any byte of a signed document changed: no other content is taken than what was signed", async () => {
    const { trust } = await node();
    const jws = await signed({ name: "Wanted" });
    for (let at = 0; at < jws.length; at += 1) {
      const changed = jws.slice(0, at) + (jws[at] === "A" ? "B" : "A") + jws.slice(at + 1);
      const offer = await trust.offer(changed);
      if (offer.verdict === "accepted") expect(offer.trusted.document).toEqual({ ...firstDocument(), version: 4, name: "Wanted" });
    }
  });

  it("what waits is taken at an operator's word, by its version, and then remembered", async () => {
    const { trust, desk } = await node();
    const replaced = { nodes: [member(1, "1"), member(2, "2"), member(3, "3")] };
    await desk.offer(await signed(replaced), "the cloud");
    expect(told).toEqual([
      { kind: "document.refused", reason: expect.stringMatching(/of the 3 members .* keeps 0.*trust accept --version 4/) as string },
    ]);
    await expect(desk.accept(3)).rejects.toThrow(/no document of version 3 waits here: version 4 does/);
    await desk.accept(4);
    expect(trust.current.document.version).toBe(4);
    const restarted = await node();
    expect(await verdictOn(restarted, [await signed({ ...replaced, version: 5, name: "Later" })])).toBe("taken");
  });

  it("at the turn of a day one half may go, and not two", async () => {
    const victim = await node();
    wallMs += dayMs;
    expect(await verdictOn(victim, [await documentOf(ours.slice(0, 2), 4)])).toBe("taken");
    expect(await verdictOn(victim, [await documentOf(ours.slice(0, 1), 5)])).toBe("waits");
  });

  it("a certificate that was announced takes the place of the one before: one after the other, within a day", () => {
    const announced = {
      ...firstDocument(),
      nodes: ours.map((one, index) => ({ ...one, nextCertificate: testNextCertificate(String(index + 1).repeat(64)) })),
    };
    const renewed = { ...firstDocument(), nodes: [member(1, "1"), member(2, "2"), member(3, "3")] };
    const known = afterSuccession(knownMembers(firstDocument()), announced, renewed);
    expect(known).toEqual(knownMembers(renewed));
    expect(afterSuccession(known, firstDocument(), renewed)).toEqual(known);
    expect(afterSuccession(knownMembers(firstDocument()), firstDocument(), renewed)).toEqual(knownMembers(firstDocument()));
  });

  it("a day later another half may go; a memory that was lost begins anew, and one day is no shorter after a restart", async () => {
    const two = ours.slice(0, 2);
    expect(await verdictOn(await node(), [await documentOf(two, 4)])).toBe("taken");
    wallMs += dayMs / 2;
    const restarted = await node();
    expect(await verdictOn(restarted, [await documentOf(ours.slice(0, 1), 5)])).toBe("waits");
    wallMs += dayMs;
    expect(await restarted.trust.reconsider()).toMatchObject({ verdict: "accepted" });
  });

  it("a storm: what waited for room is taken by itself, and a thousand refusals are one event", async () => {
    const { trust, desk } = await node();
    for (let version = 4; version < 80; version += 1) await desk.offer(await signed({ version }), "the cloud");
    expect(trust.current.document.version).toBe(63);
    steadyMs += 60_001;
    await expect.poll(() => trust.current.document.version, { timeout: 5_000 }).toBe(79);
    for (let index = 0; index < 1_000; index += 1) await desk.offer(`nonsense ${index}`, "the cloud");
    expect(told.length).toBe(1);
  });

  it("settings: `changes: ask` holds everything back, and `networks` lets a named network and a named host in", async () => {
    expect(await verdictOn(await node({ changes: "ask" }), [await signed({ name: "Harmless" })])).toBe("waits");
    const open = { networks: ["203.0.113.0/24", "Far.example.com"] };
    const far = (host: string, version: number) => signed({ version, nodes: [...ours, { ...member(4, "d", host), voting: false }] });
    expect(await verdictOn(await node(open), [await far("203.0.113.66", 4)])).toBe("taken");
    expect(await verdictOn(await node(open), [await far("far.example.com", 5)])).toBe("taken");
    expect(await verdictOn(await node(open), [await far("198.51.100.1", 6)])).toBe("waits");
  });

  it("settings: `addresses` says where clients may be led, by an address of the LAN or by a name", async () => {
    const settings = { addresses: ["10.0.0.10/32"] };
    expect(await verdictOn(await node(settings), [await leading(front("10.0.0.10/24"), 4)])).toBe("taken");
    expect(await verdictOn(await node(settings), [await leading(front("10.0.0.254/24"), 5)])).toBe("waits");
    expect(await verdictOn(await node(settings), [await leading(record, 6)])).toBe("taken");
    expect(
      await verdictOn(await node(settings), [await leading({ ...record, addresses: { [ours[0]?.nodeId ?? ""]: "203.0.113.66" } }, 7)]),
    ).toBe("waits");
  });

  it("what grows as clusters do is taken: a first node gets a second and a third, and their votes", async () => {
    writeFileSync(
      join(folder, "document"),
      await signed({
        version: 3,
        nodes: ours.slice(0, 1),
        ...noOrder,
      }),
    );
    const grown = await node();
    const steps = [ours.slice(0, 2), ours].flatMap((nodes) =>
      [false, true].map((voting) => nodes.map((one, index) => (index === nodes.length - 1 ? { ...one, voting } : one))),
    );
    for (const [index, nodes] of steps.entries())
      expect(await verdictOn(grown, [await signed({ version: 4 + index, nodes, ...noOrder })])).toBe("taken");
  });
});
