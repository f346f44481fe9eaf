import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type NodeIdentity, readNextIdentity, requireIdentity } from "../../../agent/link/identity.ts";
import { createIdentity } from "../../../agent/link/make-identity.ts";
import { CertificateKeeper } from "../../../agent/node/certificate-keeper.ts";
import { type DataPaths, dataPaths } from "../../../agent/storage/data-directory.ts";
import type { NodeId } from "../../../shared/domain/ids.ts";
import { withNextAlone } from "../../../shared/domain/membership/certificates.ts";
import type { ClusterDocument } from "../../../shared/domain/membership/cluster-document.ts";
import type { EventDetail } from "../../../shared/domain/monitoring/cluster-event.ts";
import { testDocument, testNextCertificate, testNode, testNodeId } from "../cluster-signer.ts";

const dayMs = 86_400_000;
const nodeId = testNodeId(1) as NodeId;

/** One agent after another on the same data directory, and a control plane that names what it is asked to. */
class Site {
  readonly paths: DataPaths = dataPaths(mkdtempSync(join(tmpdir(), "understudy-certificates-")));
  readonly events: EventDetail[] = [];
  readonly troubles: string[] = [];
  document: ClusterDocument = testDocument([]);
  nowMs = Date.now();
  asked = 0;
  isCloudAway = false;

  async enrol(): Promise<NodeIdentity> {
    const identity = await createIdentity(this.paths);
    this.document = testDocument([testNode(1, identity.certificateSha256, { heartbeat: 7_000, replication: 7_001 })]);
    return identity;
  }

  async start(): Promise<CertificateKeeper> {
    return new CertificateKeeper(
      {
        nodeId,
        paths: this.paths,
        lifeDays: 90,
        document: () => this.document,
        ask: () => {
          this.asked += 1;
          return this.isCloudAway ? Promise.reject(new Error("it cannot be reached")) : Promise.resolve();
        },
        nowMs: () => this.nowMs,
        record: (detail) => this.events.push(detail),
        onTrouble: (reason) => this.troubles.push(reason),
      },
      await requireIdentity(this.paths),
      await readNextIdentity(this.paths),
    );
  }

  /** The document names the next one beside the present one. */
  async named(): Promise<void> {
    const next = await readNextIdentity(this.paths);
    if (next === null) throw new Error("there is no next identity");
    const [node] = this.document.nodes;
    if (node === undefined) throw new Error("the node is not in the document");
    const nextCertificate = testNextCertificate(next.certificateSha256);
    this.document = { ...this.document, version: this.document.version + 1, nodes: [{ ...node, nextCertificate }] };
  }

  settled(): void {
    this.document = { ...this.document, version: this.document.version + 1, nodes: this.document.nodes.map(withNextAlone) };
  }
}

const shownBy = (keeper: CertificateKeeper) => keeper.identities.map(({ certificateSha256 }) => certificateSha256);

describe("keeping a node's certificate", () => {
  let site: Site;
  beforeEach(() => {
    site = new Site();
  });
  afterEach(() => rmSync(site.paths.root, { recursive: true }));

  it("nothing happens before two thirds of its life; then: made, asked for, shown when it is named, alone when it alone is named", async () => {
    const first = (await site.enrol()).certificateSha256;
    const keeper = await site.start();
    const told: string[][] = [];
    keeper.follow((identities) => told.push(identities.map(({ certificateSha256 }) => certificateSha256)));
    site.nowMs += 59 * dayMs;
    await keeper.look();
    expect([site.asked, existsSync(site.paths.nextKey)]).toEqual([0, false]);
    site.nowMs += dayMs;
    await keeper.look();
    const second = (await readNextIdentity(site.paths))?.certificateSha256 ?? "";
    expect(site.asked).toBe(1);
    expect(shownBy(keeper)).toEqual([first, second]);
    await site.named();
    await keeper.look();
    expect(shownBy(keeper)).toEqual([second, first]);
    expect(keeper.standing).toMatchObject({ sha256: first, next: { sha256: second, isNamed: true } });
    site.settled();
    await keeper.look();
    expect(shownBy(keeper)).toEqual([second]);
    expect(told).toEqual([[first, second], [second, first], [second]]);
    expect((await requireIdentity(site.paths)).certificateSha256).toBe(second);
    expect(existsSync(site.paths.nextKey)).toBe(false);
    expect(site.events).toEqual([expect.objectContaining({ kind: "certificate.rotated", sha256: second })]);
    expect(site.asked).toBe(1);
  });

  it("a control plane that is away is asked again, ever more rarely, for the same next one", async () => {
    await site.enrol();
    const keeper = await site.start();
    site.isCloudAway = true;
    await expect(keeper.rotate()).rejects.toThrow(/cannot be reached/);
    const next = readFileSync(site.paths.nextKey, "utf8");
    for (let minute = 0; minute < 120; minute += 1) {
      site.nowMs += 60_000;
      await keeper.look();
    }
    expect(site.asked).toBeGreaterThan(5);
    expect(site.asked).toBeLessThan(12);
    expect(keeper.standing.problem).toMatch(/cannot be reached/);
    site.isCloudAway = false;
    expect(await keeper.rotate()).toMatchObject({ problem: null, next: { isNamed: false } });
    expect(readFileSync(site.paths.nextKey, "utf8")).toBe(next);
  });

  it.each(["made", "asked for", "named", "settled"] as const)(
    "a crash after it was %s: the next agent goes on, with an identity that the document names",
    async (reached) => {
      await site.enrol();
      const before = await site.start();
      site.isCloudAway = reached === "made";
      await before.rotate().catch(() => {});
      site.isCloudAway = false;
      if (reached === "named" || reached === "settled") await site.named();
      if (reached === "settled") site.settled();
      const after = await site.start();
      const [node] = site.document.nodes;
      const named = [node?.nextCertificate?.sha256, node?.certificateSha256];
      expect(named).toContain(shownBy(after)[0]);
      await after.look();
      expect(named).toContain(shownBy(after)[0]);
      if (reached === "made" || reached === "asked for") await site.named();
      if (reached !== "settled") site.settled();
      await after.look();
      expect(shownBy(after)).toEqual([site.document.nodes[0]?.certificateSha256]);
      expect((await requireIdentity(site.paths)).certificateSha256).toBe(site.document.nodes[0]?.certificateSha256);
    },
  );

  it("a half-written next key is no identity: the agent says so, and does not start with it", async () => {
    await site.enrol();
    writeFileSync(site.paths.nextKey, "-----BEGIN PRIVATE KEY-----\n", { mode: 0o600 });
    await expect(site.start()).rejects.toMatchObject({ code: "data-dir-unusable" });
  });

  it("who asks for another while one is on its way has it already: no further one follows it", async () => {
    await site.enrol();
    const keeper = await site.start();
    await keeper.rotate();
    await site.named();
    const { next } = await keeper.rotate();
    site.settled();
    await keeper.look();
    await keeper.look();
    expect(keeper.standing).toMatchObject({ sha256: next?.sha256, next: null });
    expect(site.asked).toBe(1);
  });

  it("a node that was removed asks for nothing", async () => {
    await site.enrol();
    site.document = { ...site.document, nodes: [] };
    const keeper = await site.start();
    site.nowMs += 80 * dayMs;
    await keeper.look();
    await expect(keeper.rotate()).rejects.toThrow(/was removed/);
    expect(site.asked).toBe(0);
  });
});
