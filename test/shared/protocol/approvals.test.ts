import { beforeAll, describe, expect, it } from "vitest";
import { guardedParts } from "../../../shared/domain/membership/approval.ts";
import type { ClusterDocument } from "../../../shared/domain/membership/cluster-document.ts";
import { approvalProblem, approvalSchema, approverName } from "../../../shared/protocol/approvals.ts";
import { clusterDocumentSchema } from "../../../shared/protocol/cluster-document-schema.ts";
import { Approver } from "../../agent/approver.ts";
import { testDocument, testNextCertificate, testNode } from "../../agent/cluster-signer.ts";

const node = (number: number, digit: string) =>
  testNode(number, digit.repeat(64), { heartbeat: 7_000 + number, replication: 8_000 + number });
const [a, b, c] = [node(1, "a"), node(2, "b"), node(3, "c")];
const plain = testDocument([a, b, c]);
let approver: Approver;
let stranger: Approver;
let current: ClusterDocument;

beforeAll(async () => {
  [approver, stranger] = [await Approver.create(), await Approver.create()];
  current = await approver.approve({ ...plain, version: 2 }, 1);
});

const changed = (change: object): ClusterDocument => ({ ...current, version: current.version + 1, ...change });
const [group] = plain.groups as [ClusterDocument["groups"][number]];

describe("approvals: what the control plane's key alone may change where a cluster has an approver", () => {
  it.each<[string, object]>([
    ["the cluster's name", { name: "Other" }],
    ["the ring's order, and who is the primary", { nodes: [c, { ...b, role: "primary" }, { ...a, role: "secondary" }] }],
    ["whom a group prefers", { groups: [{ ...group, order: group.order.toReversed() }] }],
    [
      "a member's next certificate: it has signed for that itself",
      { nodes: [{ ...a, nextCertificate: testNextCertificate("1".repeat(64)) }, b, c] },
    ],
  ])("%s", async (_what, change) => {
    expect(await approvalProblem(current, changed(change))).toBeNull();
  });

  it("a learner gets its vote, and its announced certificate takes the place of the one before", async () => {
    const announced = { ...a, nextCertificate: testNextCertificate("1".repeat(64)) };
    const before = await approver.approve({ ...plain, version: 2, nodes: [announced, b, { ...c, voting: false }] }, 1);
    const after = { ...before, version: 3, nodes: [{ ...a, certificateSha256: "1".repeat(64) }, b, c] };
    expect(await approvalProblem(before, after)).toBeNull();
  });

  it.each<[string, object, RegExp]>([
    ["a node removed", { nodes: [a, b] }, /has not signed for nodes.node_0+3/],
    ["a node more", { nodes: [a, b, c, { ...node(4, "d"), voting: false }] }, /certificate of node-d/],
    ["another certificate of a node", { nodes: [{ ...a, certificateSha256: "9".repeat(64) }, b, c] }, /certificate of node-a/],
    ["a node moved", { nodes: [{ ...a, host: "10.0.0.9" }, b, c] }, /nodes\.node_0+1\.host/],
    ["a vote taken from a node", { nodes: [a, b, { ...c, voting: false }] }, /takes node-c its vote/],
    ["no services any more", { groups: [{ ...group, resources: [] }] }, /groups\.default\.resources/],
    ["a node that may not run the group any more", { groups: [{ ...group, order: group.order.slice(1) }] }, /groups\.default\.order/],
    ["other timing", { timing: "patient" }, /timing/],
    ["a witness", { witness: { kind: "cloud", nodeId: "node_00000000000000000009", name: "the control plane", voting: false } }, /witness/],
    ["what two nodes do when they lose each other", { whenAlone: "survivor" }, /whenAlone/],
    ["data sets", { dataSets: [{ kind: "shared", name: "db" }] }, /dataSets/],
    ["no approver any more", { approval: undefined }, /approver/],
  ])("refused: %s", async (_what, change, reason) => {
    const next = changed(change);
    expect(await approvalProblem(current, next)).toMatch(reason);
    if (next.approval === undefined) return;
    // Nor by somebody else's signature, nor by the approver's for something else, nor by one of an earlier number.
    expect(await approvalProblem(current, await stranger.approve(next, 2, approver.key))).toMatch(/approver|vote/);
    expect(await approvalProblem(current, { ...next, approval: await approver.sign({ ...next, timing: "fast" }, 2) })).toMatch(
      /approver|vote/,
    );
    expect(await approvalProblem(current, await approver.approve(next, 1))).toMatch(/approver|vote/);
    const isOfVotes = next.nodes.some(({ voting }, index) => !voting && index === 2);
    if (!isOfVotes) expect(await approvalProblem(current, await approver.approve(next, 2))).toBeNull();
  });

  it("every part that a document may have is guarded, or stands here", () => {
    const free = ["version", "issuedAt", "name"];
    const keys = Object.keys(clusterDocumentSchema.shape);
    const whole = Object.fromEntries(keys.map((key) => [key, ["nodes", "groups"].includes(key) ? [] : {}])) as unknown as ClusterDocument;
    const guarded = Object.keys(guardedParts({ ...whole, witness: { kind: "cloud" } as never }));
    expect(keys.filter((key) => !guarded.includes(key)).toSorted()).toEqual([...free, "approval"].toSorted());
    expect(guarded).toContain("approver");
  });

  it("the first approver shows that he has the key; another takes his place, or nobody, by his own signature alone", async () => {
    expect(await approvalProblem(plain, await stranger.approve({ ...plain, version: 2 }, 1, approver.key))).toMatch(/has not signed/);
    expect(await approvalProblem(plain, current)).toBeNull();
    const next = changed({});
    expect(await approvalProblem(current, await stranger.approve(next, 2))).toMatch(/has not signed for approver/);
    const handedOver = await approver.approve(next, 2, stranger.key);
    expect(await approvalProblem(current, handedOver)).toBeNull();
    const later = { ...handedOver, version: 4, nodes: [a, b], groups: [{ ...group, order: group.order.slice(0, 2) }] };
    expect(await approvalProblem(handedOver, await approver.approve(later, 3))).toMatch(/has not signed/);
    expect(await approvalProblem(handedOver, await stranger.approve(later, 3))).toBeNull();
    const none = await stranger.approve({ ...later, nodes: handedOver.nodes, groups: handedOver.groups }, 3, null);
    expect(await approvalProblem(handedOver, none)).toBeNull();
    expect(await approvalProblem(none, { ...none, version: 5, timing: "patient" })).toBeNull();
  });

  it("an approval is of one cluster, and what was approved once is not taken again", async () => {
    const other = { ...changed({ timing: "patient" as const }), clusterId: "clus_00000000000000000002" as never };
    const approval = await approver.sign(other, 2);
    expect(await approvalProblem(current, { ...changed({ timing: "patient" }), approval })).toMatch(/has not signed/);
    const patient = await approver.approve(changed({ timing: "patient" }), 2);
    const back = { ...current, version: 4 };
    expect(await approvalProblem(patient, back)).toMatch(/has not signed for timing/);
  });

  it("a node that was away takes what was approved meanwhile at once, with what was free before and after", async () => {
    const moved = await approver.approve(changed({ nodes: [c, { ...a, host: "10.0.0.9" }, b] }), 5);
    expect(await approvalProblem(current, { ...moved, version: 9, name: "Other", nodes: moved.nodes.toReversed() })).toBeNull();
  });

  it("what is in an approval is bounded, and a key has a name to compare", async () => {
    expect(approvalSchema.safeParse({ ...current.approval, signature: "a.b.c" }).success).toBe(false);
    expect(approvalSchema.safeParse({ ...current.approval, key: { ...approver.key, d: "x" } }).success).toBe(false);
    expect(await approverName(approver.key)).toMatch(/^[\w-]{43}$/);
    expect(await approverName(approver.key)).not.toBe(await approverName(stranger.key));
  });
});
