import { sign, X509Certificate } from "node:crypto";
import { CompactSign, exportJWK, generateKeyPair } from "jose";
import type { ClusterDocument, ClusterNode } from "../../shared/domain/membership/cluster-document.ts";
import { nextCertificateText } from "../../shared/protocol/certificate-schemas.ts";
import { Approver } from "../agent/approver.ts";
import { certificateFor } from "../agent/checks/certificate-for.ts";
import { ClusterSigner, testDocument, testNextCertificate, testNode, testNodeId } from "../agent/cluster-signer.ts";

/** What becomes of it: `refused` for good, `known` (nothing changes), `waits` for somebody at the node, or `taken`. */
export type Verdict = "refused" | "known" | "waits" | "taken";

export interface EvilDocument {
  readonly what: string;
  /** Whether it takes the control plane's signing key. */
  readonly key: boolean;
  readonly verdict: Verdict;
  /** It needs no approver's signature, where the cluster has one: the verdict is the same then. Absent: whatever is taken without an approver waits for him. */
  readonly free?: true;
  /** What follows, for the table; where it is taken, the harm. */
  readonly follows: string;
  /** One document after the other; the verdict is that on the last. */
  readonly send: (by: Attacker) => Promise<readonly string[]>;
}

/** Who has the whole control plane, and with `sign` its key too. */
export interface Attacker {
  readonly inForce: ClusterDocument;
  readonly jws: string;
  /** The document in force, changed, as its next version (or the one that `change` gives). */
  readonly sign: (change: object, type?: string) => Promise<string>;
}

const ports = (number: number) => ({ heartbeat: 7_000 + number, replication: 8_000 + number });
const fingerprint = (digit: string): string => digit.repeat(64);
export const member = (number: number, digit: string, host = `10.0.0.${number}`): ClusterNode => ({
  ...testNode(number, fingerprint(digit), ports(number)),
  host,
});
export const ours = [member(1, "a"), member(2, "b"), member(3, "c")];
const stranger = (host: string) => ({ nodes: [...ours, { ...member(4, "d", host), voting: false }] });
const evilGroup = (resources: readonly object[], order = ours.map(({ nodeId }) => nodeId)) => ({
  groups: [{ name: "default", order, resources, failback: { mode: "manual" } }],
});
const trigger = (action: object) => ({
  name: "bell",
  group: "default",
  log: "sent",
  since: "2026-11-21T00:00:00.000Z",
  source: { kind: "schedule", cron: "* * * * *", zone: "UTC" },
  actions: [action],
  late: { withinSeconds: 0, atMost: 1 },
  keptDays: 2,
});
const sentLog = { kind: "state", name: "sent", group: "default", local: [] };
const triggered = (action: object) => ({ dataSets: [sentLog], triggers: [trigger(action)] });
const one =
  (change: object) =>
  async ({ sign }: Attacker) => [await sign(change)];

const withoutKey = "the node goes on with the document in force";

/** Everything of a kind that a control plane could send as a cluster document. */
export const evilDocuments: readonly EvilDocument[] = [
  { what: "no signature (`alg: none`)", key: false, verdict: "refused", follows: withoutKey, send: async ({ inForce }) => [[{ alg: "none", typ: "understudy-cluster-document" }, { ...inForce, version: 99 }].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".") + "."] }, // biome-ignore format: one case a line
  { what: "signed with a key of its own", key: false, verdict: "refused", follows: withoutKey, send: async ({ inForce }) => [await (await ClusterSigner.create()).sign({ ...inForce, version: 99 })] }, // biome-ignore format: one case a line
  { what: "its own key inside the signature's header", key: false, verdict: "refused", follows: withoutKey, send: async ({ inForce }) => [await carryingItsKey({ ...inForce, version: 99 })] }, // biome-ignore format: one case a line
  { what: "the document in force, again", key: false, verdict: "known", follows: "nothing changes", send: async ({ jws }) => [jws] }, // biome-ignore format: one case a line
  { what: "an older one that was signed once", key: false, verdict: "known", follows: "nothing changes, also after a restart", send: async ({ sign }) => [await sign({ version: 2 })] }, // biome-ignore format: one case a line
  { what: "another cluster's of the same customer", key: false, verdict: "refused", follows: withoutKey, send: one({ clusterId: "clus_00000000000000000009" }) }, // biome-ignore format: one case a line
  { what: "another customer's", key: false, verdict: "refused", follows: withoutKey, send: one({ customerId: "cust_00000000000000000009" }) }, // biome-ignore format: one case a line
  { what: "a licence in place of a document", key: false, verdict: "refused", follows: withoutKey, send: async ({ sign }) => [await sign({}, "understudy-licence")] }, // biome-ignore format: one case a line
  { what: "more than 256 KiB", key: false, verdict: "refused", follows: withoutKey, send: async () => ["x".repeat(300_000)] }, // biome-ignore format: one case a line
  { what: "JSON that is nested 20,000 deep", key: false, verdict: "refused", follows: withoutKey, send: async () => [`${"[".repeat(20_000)}.x.y`] }, // biome-ignore format: one case a line
  { what: "a command in a service", key: true, verdict: "refused", follows: "no field of a document holds a command", send: one(evilGroup([{ kind: "service", name: "sample", start: ["/bin/sh", "-c", "id"] }])) }, // biome-ignore format: one case a line
  { what: "a resource of an unknown kind (`script`, `file`)", key: true, verdict: "refused", follows: "the kinds are closed", send: one(evilGroup([{ kind: "script", name: "x", text: "id" }])) }, // biome-ignore format: one case a line
  { what: "a trigger that runs a program by its path", key: true, verdict: "refused", follows: "commands have names, and the node's settings say what they are", send: one(triggered({ kind: "command", name: "x", command: "/bin/sh -c id" })) }, // biome-ignore format: one case a line
  { what: "a trigger's action of an unknown kind", key: true, verdict: "refused", follows: "the kinds are closed", send: one(triggered({ kind: "shell", name: "x", text: "id" })) }, // biome-ignore format: one case a line
  { what: "a data set with a path of its own", key: true, verdict: "refused", follows: "folders and files stand in the node's settings", send: one({ dataSets: [{ kind: "files", name: "etc", group: "default", local: [], path: "/etc" }] }) }, // biome-ignore format: one case a line
  { what: "a data set whose name is a path (`../../etc`)", key: true, verdict: "refused", follows: "names are letters, digits and hyphens", send: one({ dataSets: [{ kind: "state", name: "../../etc", group: "default", local: [] }] }) }, // biome-ignore format: one case a line
  { what: "names with markup, terminal escapes or line breaks", key: true, verdict: "refused", follows: "names are letters, digits and a few signs", send: one({ name: "<script>\u001b[2J\r\n" }) }, // biome-ignore format: one case a line
  { what: "host names with a path, a port or a user", key: true, verdict: "refused", follows: "hosts are addresses or names", send: one(stranger("evil.example.com/x@10.0.0.1")) }, // biome-ignore format: one case a line
  { what: "timing by which a lease outlives its promise", key: true, verdict: "refused", follows: "timings keep the rules of the lease", send: one({ timing: { leaseMs: 1, heartbeatIntervalMs: 600_000, suspectAfterMs: { least: 1, usual: 1, most: 1 }, rankDelayMs: 1 } }) }, // biome-ignore format: one case a line
  { what: "a node twice, for two votes", key: true, verdict: "refused", follows: "one certificate is one member", send: one({ nodes: [...ours, { ...member(4, "a") }] }) }, // biome-ignore format: one case a line
  { what: "two of three nodes removed at once", key: true, verdict: "waits", follows: "half of the members of a day ago must stay", send: one({ nodes: ours.slice(0, 1), ...evilGroup([], [ours[0]?.nodeId ?? testNodeId(1)] as never) }) }, // biome-ignore format: one case a line
  { what: "two of three nodes removed, one after the other", key: true, verdict: "waits", follows: "the first is taken, the second waits a day", send: async ({ sign }) => [await sign({ nodes: ours.slice(0, 2), ...evilGroup([], ours.slice(0, 2).map(({ nodeId }) => nodeId)) }), await sign({ version: 5, nodes: ours.slice(0, 1), ...evilGroup([], ours.slice(0, 1).map(({ nodeId }) => nodeId)) })] }, // biome-ignore format: one case a line
  { what: "every node, with the attacker's certificates", key: true, verdict: "waits", follows: "half of the members of a day ago must stay, with their certificates", send: one({ nodes: [member(1, "1"), member(2, "2"), member(3, "3")] }) }, // biome-ignore format: one case a line
  { what: "every node's next certificate, each the attacker's", key: true, verdict: "refused", follows: "a node signs for its next certificate itself, with the key of its present one, which never leaves it", send: async ({ sign }) => [await sign({ nodes: await renewedBy("attacker", ours) })] }, // biome-ignore format: one case a line
  { what: "one node's next certificate, the attacker's", key: true, verdict: "refused", follows: "the same", send: async ({ sign }) => [await sign({ nodes: [...(await renewedBy("attacker", ours.slice(0, 1))), ...ours.slice(1)] })] }, // biome-ignore format: one case a line
  { what: "a node more, on the internet", key: true, verdict: "waits", follows: "no data go to an address outside the node's own networks", send: one(stranger("203.0.113.66")) }, // biome-ignore format: one case a line
  { what: "a node more, under a name on the internet", key: true, verdict: "waits", follows: "the same: whoever owns a name can lead it anywhere", send: one(stranger("node.evil.example.com")) }, // biome-ignore format: one case a line
  { what: "a node more, at the metadata address of clouds", key: true, verdict: "waits", follows: "the same", send: one(stranger("169.254.169.254")) }, // biome-ignore format: one case a line
  { what: "a node's address moved to the internet", key: true, verdict: "waits", follows: "the same", send: one({ nodes: [...ours.slice(0, 2), { ...member(3, "c"), host: "203.0.113.66" }] }) }, // biome-ignore format: one case a line
  { what: "a witness on the internet", key: true, verdict: "waits", follows: "the same", send: one({ witness: { kind: "agent", nodeId: testNodeId(8), name: "witness", voting: false, host: "203.0.113.66", heartbeatPort: 7_400, certificateSha256: fingerprint("e") } }) }, // biome-ignore format: one case a line
  { what: "the last version there is, so that none can follow", key: true, verdict: "waits", follows: "a version leaps by a million at most", send: one({ version: Number.MAX_SAFE_INTEGER }) }, // biome-ignore format: one case a line
  { what: "a storm of newer documents", key: true, verdict: "waits", follows: "60 a minute are taken; of the rest the newest, when there is room", send: async ({ sign }) => Promise.all(Array.from({ length: 80 }, (_, index) => sign({ version: 4 + index }))) }, // biome-ignore format: one case a line
  { what: "a webhook to a host of the attacker's", key: true, verdict: "taken", follows: "nothing is sent: the host is not in the node's `triggers.webhookHosts`", send: one(triggered({ kind: "webhook", name: "x", url: "https://evil.example.com/" })) }, // biome-ignore format: one case a line
  { what: "a command by a name that the settings do not have", key: true, verdict: "taken", follows: "nothing is run", send: one(triggered({ kind: "command", name: "x", command: "unknown" })) }, // biome-ignore format: one case a line
  { what: "**e-mail to anybody, in the customer's name**", key: true, verdict: "taken", follows: "**sent, where `triggers.smtp` is in the settings**, until somebody withdraws it", send: one(triggered({ kind: "email", name: "x", to: ["a@example.com"], subject: "x", text: "x" })) }, // biome-ignore format: one case a line
  { what: "**groups without services**", key: true, verdict: "taken", follows: "**the services stop**: what runs where is the cluster document's to say", send: one(evilGroup([])) }, // biome-ignore format: one case a line
  { what: "**one of three nodes removed**", key: true, verdict: "taken", follows: "**it stops what it runs**, and another node takes over", send: one({ nodes: ours.slice(0, 2), ...evilGroup([], ours.slice(0, 2).map(({ nodeId }) => nodeId)) }) }, // biome-ignore format: one case a line
  { what: "**another address of the LAN as a virtual address**", key: true, verdict: "taken", follows: "**the holder claims it**, in a subnet of its own interfaces: a neighbour can be cut off, and no address leaves the cluster. With `trust.addresses` it waits", send: one(evilGroup([{ kind: "address", name: "x", address: "10.0.0.99/24" }])) }, // biome-ignore format: one case a line
  { what: "**a DNS record that leads elsewhere**", key: true, verdict: "taken", follows: "**changed, where its key is in `tsigKeys`** of the settings, and as far as that key may. With `trust.addresses` it waits", send: one(evilGroup([{ kind: "dns-record", name: "x", zone: "example.com", domainName: "www.example.com", type: "A", ttlSeconds: 60, servers: [{ host: "10.0.0.53", port: 53 }], tsigKey: "key", addresses: { [testNodeId(1)]: "203.0.113.66" } }])) }, // biome-ignore format: one case a line
  { what: "**a further node within the customer's own networks**", key: true, verdict: "taken", follows: "**it gets a replica of the data**, if the attacker has a machine there", send: one(stranger("10.0.0.4")) }, // biome-ignore format: one case a line
  { what: "tables that are not replicated any more", key: true, verdict: "taken", follows: "replication of them ends; nothing is deleted", send: one({ dataSets: [{ kind: "sqlite", name: "application", local: ["customers"] }] }) }, // biome-ignore format: one case a line
  { what: "**an approver of the attacker's**", key: true, verdict: "taken", follows: "**dangerous changes wait** for his signature, until somebody says otherwise on each node (`trust accept`)", send: async ({ inForce, sign }) => { const next = { ...inForce, version: 4 }; return [await sign({ approval: await (await Approver.create()).sign(next, 9) })]; } }, // biome-ignore format: one case a line
  { what: "another order of preference, and of the ring", key: true, verdict: "taken", free: true, follows: "a group that goes home by itself moves, to a node that could have run it before", send: one({ nodes: ours.toReversed(), groups: firstDocumentOf(ours).groups.map((group) => ({ ...group, order: group.order.toReversed() })) }) }, // biome-ignore format: one case a line
  { what: "another name of the cluster", key: true, verdict: "taken", free: true, follows: "it is shown", send: one({ name: "Other" }) }, // biome-ignore format: one case a line
];

/** What becomes of it where the cluster has an approver, whose key the attacker has not. */
export const verdictWithApprover = ({ verdict, free }: EvilDocument): Verdict => (verdict === "taken" && free !== true ? "waits" : verdict);

/** With next certificates, and signed for with a key and under a certificate that are somebody else's. */
async function renewedBy(who: string, nodes: readonly ClusterNode[]): Promise<readonly ClusterNode[]> {
  const { keyPem, certificatePem } = await certificateFor(who);
  const certificate = new X509Certificate(certificatePem).raw.toString("base64");
  return nodes.map((node, index) => {
    const next = testNextCertificate(fingerprint(String(index + 1)));
    const text = nextCertificateText(node.certificateSha256, next.sha256);
    const signature = sign("sha256", Buffer.from(text), { key: keyPem, dsaEncoding: "ieee-p1363" }).toString("base64url");
    return { ...node, nextCertificate: { ...next, vouched: { certificate, signature } } };
  });
}

async function carryingItsKey(document: object): Promise<string> {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk = await exportJWK(publicKey);
  return new CompactSign(new TextEncoder().encode(JSON.stringify(document)))
    .setProtectedHeader({ alg: "ES256", kid: "test", typ: "understudy-cluster-document", jwk })
    .sign(privateKey);
}

function firstDocumentOf(nodes: readonly ClusterNode[]): ClusterDocument {
  return testDocument(nodes, { version: 3 });
}

export const firstDocument = (): ClusterDocument => firstDocumentOf(ours);
