import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ApprovalDesk } from "../../../agent/approver/approval-desk.ts";
import { makeApproverKey, readApproverKey } from "../../../agent/approver/approver-key.ts";
import { TrustStore } from "../../../agent/cloud/trust-store.ts";
import { approvalChange, readApproval } from "../../../functions/use-cases/approvals.ts";
import { type ChangedParts, changeDocument } from "../../../functions/use-cases/change-document.ts";
import { settleWitnessVote } from "../../../functions/use-cases/settle-witness-vote.ts";
import type { ClusterId, NodeId } from "../../../shared/domain/ids.ts";
import { approvalStandingSchema, putApprovalSchema } from "../../../shared/protocol/approval-contract.ts";
import { approverName } from "../../../shared/protocol/approvals.ts";
import { Approver } from "../../agent/approver.ts";
import { type ControlPlane, clusterOfTwo, enrolled, startControlPlane } from "../control-plane.ts";

let plane: ControlPlane;
let folder: string;
let clusterId: ClusterId;
let alpha: NodeId;
let node: TrustStore;
let desk: ApprovalDesk;

beforeAll(async () => {
  plane = await startControlPlane();
  folder = await mkdtemp(join(tmpdir(), "understudy-approver-"));
  ({ clusterId, alpha } = await clusterOfTwo(plane, 4));
  await writeFile(join(folder, "document"), plane.messages.documents.at(-1)?.signed ?? "");
  const keys = (await plane.dependencies.signer.publicKeys()).map((key) => ({ ...key }));
  node = await TrustStore.open(join(folder, "document"), { keys }, clusterId);
  await makeApproverKey(join(folder, "key"));
  // As over HTTP: what the schemas let through, both ways.
  const api = {
    get: async () => approvalStandingSchema.parse(JSON.parse(JSON.stringify(await readApproval(plane.dependencies, clusterId)))) as never,
    put: async (_path: string, body: unknown) => {
      await changeDocument(plane.dependencies, clusterId, approvalChange(putApprovalSchema.parse(JSON.parse(JSON.stringify(body)))));
    },
  };
  desk = new ApprovalDesk({ api, clusterId, pair: await readApproverKey(join(folder, "key")), memory: join(folder, "approved") });
});
afterAll(async () => {
  await plane.close();
  await rm(folder, { recursive: true });
});

const waiting = async () => (await readApproval(plane.dependencies, clusterId)).waiting;
const change = (parts: ChangedParts) => changeDocument(plane.dependencies, clusterId, async () => parts);
/** Whatever the control plane has published, in its order. */
async function nodeHears(): Promise<string> {
  const verdicts = [];
  for (const { signed } of plane.messages.documents) verdicts.push((await node.offer(signed)).verdict);
  plane.messages.documents.length = 0;
  return verdicts.at(-1) ?? "nothing";
}

it("the first approver sees all of the cluster, and signs for exactly what was seen", async () => {
  await nodeHears();
  const question = await desk.look();
  expect(question).toMatchObject({ approver: null, signedVersion: null });
  expect(question.differences.map(({ path }) => path)).toEqual(expect.arrayContaining(["nodes", "groups", "timing", "certificates"]));
  const { key } = await readApproverKey(join(folder, "key"));
  await expect(desk.sign("0".repeat(32), key)).rejects.toThrow(/not what was looked at/);
  await desk.sign(question.seen, key);
  expect(await readApproval(plane.dependencies, clusterId)).toMatchObject({ approver: { name: await approverName(key) }, waiting: null });
  expect(await nodeHears()).toBe("accepted");
});

it("services changed: the node goes on with what it has, the approver reads what is new, signs, and the node takes it", async () => {
  const before = node.current.document;
  const resources = [{ kind: "service", name: "bell" } as const];
  await change({ groups: before.groups.map((group) => ({ ...group, resources })) });
  expect(await nodeHears()).toBe("refused");
  expect(node.held?.reason).toMatch(/approver has not signed for groups\.default\.resources/);
  expect(await waiting()).toMatchObject({
    approvedVersion: before.version,
    consequences: [expect.stringMatching(/service bell starts/)],
    differences: [{ path: "groups.default.resources" }],
  });
  const question = await desk.look();
  expect(question).toMatchObject({
    signedVersion: expect.any(Number) as number,
    sentences: [expect.stringMatching(/service bell starts/)],
  });
  const { key } = await readApproverKey(join(folder, "key"));
  await desk.sign(question.seen, key);
  expect(await nodeHears()).toBe("accepted");
  expect(node.current.document.groups[0]?.resources).toEqual(resources);
  expect(await waiting()).toBeNull();
});

it("a node joins: it waits until it is approved, and a change that takes it back needs nobody", async () => {
  const { nodeId } = await enrolled(plane, clusterId, "gamma", 7_020);
  expect(await nodeHears()).toBe("refused");
  expect(await waiting()).toMatchObject({
    differences: expect.arrayContaining([{ path: `nodes.${nodeId}`, after: expect.anything() as object }]) as object,
  });
  const { groups, nodes } = node.current.document;
  await change({ nodes, groups });
  expect(await nodeHears()).toBe("accepted");
  expect(await waiting()).toBeNull();
});

it("a name, an order of preference, a role: nobody need approve them", async () => {
  const { groups } = node.current.document;
  await change({ name: "hall", groups: groups.map((group) => ({ ...group, order: group.order.toReversed() })) });
  expect(await nodeHears()).toBe("accepted");
  expect(await waiting()).toBeNull();
});

it("the control plane makes itself no witness, and takes an approval from nobody but the approver, and for nothing else than what is there", async () => {
  plane.clock.nowMs += 600_000;
  await settleWitnessVote(plane.dependencies, node.current.document);
  expect(await nodeHears()).toBe("nothing");
  const document = (await readApproval(plane.dependencies, clusterId)).document;
  const put = (approval: Parameters<typeof approvalChange>[0]) => changeDocument(plane.dependencies, clusterId, approvalChange(approval));
  const stranger = await Approver.create();
  await expect(put(await stranger.sign(document, 99))).rejects.toThrow(/approver has not signed/);
  const other = { ...(await stranger.sign(document, 99)), certificates: [{ nodeId: alpha, certificateSha256: "0".repeat(64) }] };
  await expect(put(other)).rejects.toThrow(/certificates are not those of the members/);
});

it("handed over to nobody, everything is the control plane's again", async () => {
  await desk.sign((await desk.look()).seen, null);
  await change({ whenAlone: "survivor" });
  expect(await nodeHears()).toBe("accepted");
  expect(await waiting()).toBeNull();
});
