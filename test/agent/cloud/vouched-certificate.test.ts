import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DocumentGuard } from "../../../agent/cloud/document-guard.ts";
import { TrustStore } from "../../../agent/cloud/trust-store.ts";
import { isVouchedFor } from "../../../agent/cloud/vouched-certificate.ts";
import { trustSettingsSchema } from "../../../agent/config/trust-settings.ts";
import { type NodeIdentity, successionRequest } from "../../../agent/link/identity.ts";
import { createIdentity } from "../../../agent/link/make-identity.ts";
import { checkedSuccession } from "../../../functions/use-cases/node-certificate.ts";
import { type NextCertificate, withNextAlone } from "../../../shared/domain/membership/certificates.ts";
import type { ClusterNode } from "../../../shared/domain/membership/cluster-document.ts";
import { ClusterSigner, testClusterId, testDocument, testNextCertificate, testNode } from "../cluster-signer.ts";

interface Renewing {
  readonly node: ClusterNode;
  readonly present: NodeIdentity;
  readonly next: NodeIdentity;
}

/** As the control plane writes it, of what the agent has asked. */
function named(present: NodeIdentity, next: NodeIdentity): NextCertificate {
  const { vouched } = checkedSuccession(successionRequest(present, next), Date.now());
  return { ...testNextCertificate(next.certificateSha256), vouched };
}

const folder = mkdtempSync(join(tmpdir(), "understudy-vouched-"));
const make = () => createIdentity({ key: join(mkdtempSync(join(folder, "node")), "key") });

describe("a next certificate in the cluster document", () => {
  let members: readonly Renewing[] = [];
  let signer: ClusterSigner;

  beforeAll(async () => {
    signer = await ClusterSigner.create();
    members = await Promise.all(
      [1, 2, 3].map(async (number) => {
        const [present, next] = await Promise.all([make(), make()]);
        const ports = { heartbeat: 7_000 + number, replication: 8_000 + number };
        return { node: testNode(number, present.certificateSha256, ports), present, next };
      }),
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const nodes = (change: (one: Renewing, other: Renewing) => ClusterNode) =>
    members.map((one, index) => change(one, members.at(index - 1) ?? one));
  const renewing = ({ node, present, next }: Renewing): ClusterNode => ({ ...node, nextCertificate: named(present, next) });

  /** A node that has version 1 in force, and what becomes of the versions after it. */
  async function take(...versions: (readonly ClusterNode[])[]): Promise<readonly string[]> {
    const root = mkdtempSync(join(folder, "trust"));
    writeFileSync(join(root, "document"), await signer.sign(testDocument(nodes(({ node }) => node))));
    const trust = await TrustStore.open(join(root, "document"), signer.keys, testClusterId as never);
    const guard = await DocumentGuard.open({
      path: join(root, "memory"),
      settings: trustSettingsSchema.parse({}),
      inForce: trust.current.document,
      wallClock: () => new Date(),
      nowMs: () => 0,
      onTrouble: (reason) => expect.unreachable(reason),
      interfaces: () => ({}),
    });
    trust.guardedBy(guard);
    const outcomes: string[] = [];
    for (const [index, changed] of versions.entries()) {
      const offer = await trust.offer(await signer.sign(testDocument(changed, { version: index + 2 })));
      outcomes.push(offer.verdict === "refused" ? offer.reason : offer.verdict);
    }
    return outcomes;
  }

  it("each member's at once, each signed for by itself: taken, and its place is kept when the one before is dropped, within a day", async () => {
    const both = nodes(renewing);
    expect(await take(both, both.map(withNextAlone))).toEqual(["accepted", "accepted"]);
  });

  it("dropped without having been announced: most of the members would be others, and it waits", async () => {
    expect(await take(nodes(renewing).map(withNextAlone))).toEqual([
      expect.stringMatching(/waits, since of the 3 members .* keeps 0/) as string,
    ]);
  });

  const forged: readonly [string, (one: Renewing, other: Renewing) => ClusterNode][] = [
    ["nobody has signed for it", ({ node, next }) => ({ ...node, nextCertificate: testNextCertificate(next.certificateSha256) })],
    ["another node has signed for it", ({ node, next }, { present }) => ({ ...node, nextCertificate: named(present, next) })],
    [
      "another node has signed for it, under the member's own certificate",
      ({ node, present, next }, other) => {
        const { vouched } = named(present, next);
        const { signature } = successionRequest({ ...other.present, certificateSha256: present.certificateSha256 }, next);
        return { ...node, nextCertificate: { ...testNextCertificate(next.certificateSha256), vouched: { ...vouched, signature } } };
      },
    ],
    [
      "the member has signed for another one",
      ({ node, present, next }, other) => ({ ...node, nextCertificate: { ...named(present, next), sha256: other.next.certificateSha256 } }),
    ],
    [
      "the next one has signed for itself",
      ({ node, present, next }) => {
        const { vouched } = named(present, next);
        const { nextSignature: signature } = successionRequest(present, next);
        return { ...node, nextCertificate: { ...testNextCertificate(next.certificateSha256), vouched: { ...vouched, signature } } };
      },
    ],
  ];
  it.each(forged)("%s: refused, of one member as of all", async (_name, forge) => {
    const reason = expect.stringMatching(/next certificate of node-[abc] for which node-[abc] has not signed/) as string;
    const all = nodes(forge);
    expect(await take(all)).toEqual([reason]);
    expect(await take(nodes((one) => (one.node.role === "primary" ? (all[0] ?? one.node) : one.node)))).toEqual([reason]);
    expect(all.some(isVouchedFor)).toBe(false);
  });
});
