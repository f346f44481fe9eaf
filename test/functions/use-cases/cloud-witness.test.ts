import { sign } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { askWitness } from "../../../functions/use-cases/ask-witness.ts";
import { changeDocument } from "../../../functions/use-cases/change-document.ts";
import { changeWhenAlone } from "../../../functions/use-cases/change-when-alone.ts";
import { chooseCloudWitness } from "../../../functions/use-cases/choose-cloud-witness.ts";
import { recordReport } from "../../../functions/use-cases/record-report.ts";
import { nodeRemoval } from "../../../functions/use-cases/remove-node.ts";
import type { ClusterId } from "../../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../../shared/domain/membership/cluster-document.ts";
import { participantsOf } from "../../../shared/domain/membership/members.ts";
import { votersOf } from "../../../shared/domain/membership/quorum.ts";
import type { CloudQuestion } from "../../../shared/domain/witness/cloud-votes.ts";
import { type ControlPlane, enrolled, newCluster, reportOf, startControlPlane } from "../control-plane.ts";
import { signedQuestion } from "../signed-question.ts";

type Node = Awaited<ReturnType<typeof enrolled>>;
let plane: ControlPlane;
let clusterId: ClusterId;
let [alpha, beta] = [null, null] as unknown as [Node, Node];
beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(() => plane.close());
beforeEach(async () => {
  clusterId = await newCluster(plane, 3);
  alpha = await enrolled(plane, clusterId, "alpha", 7_000);
  beta = await enrolled(plane, clusterId, "beta", 7_010);
  await allReport();
  await allReport();
});

async function document(): Promise<ClusterDocument> {
  const cluster = await plane.dependencies.stores.clusters.find(clusterId);
  if (cluster === undefined) throw new Error("the cluster is gone");
  return cluster.document;
}

/** Every node hears everybody, and can ask the control plane for its vote. */
async function allReport(nodes = [alpha, beta]): Promise<void> {
  for (const { nodeId } of nodes) {
    const current = await document();
    const others = participantsOf(current).filter((other) => other !== nodeId);
    const peers = others.map((other) => ({ nodeId: other, reachable: true, lastHeardMs: 10 }));
    const groups = [{ name: "default", state: "standby", epoch: 0, holder: null }];
    plane.clock.nowMs += 1;
    const cloudVote = { answers: 1, lost: 0, p50Ms: 40, p99Ms: 90 };
    await recordReport(
      plane.dependencies,
      { clusterId, nodeId },
      { ...reportOf(clusterId, nodeId, current.version, plane.clock.nowMs), peers, groups, cloudVote },
    );
  }
}

const look: CloudQuestion = { type: "look" };

it("becomes the witness of two nodes by itself, once they have been left alone for a minute, and gets its vote", async () => {
  expect((await document()).witness).toBeUndefined();
  plane.clock.nowMs += 60_000;
  await allReport();
  expect((await document()).witness).toMatchObject({ kind: "cloud" });
  await allReport();
  await allReport();
  expect(votersOf(await document())).toHaveLength(3);
});

it("does not where it was switched off, or where two nodes have agreed on something else", async () => {
  await changeWhenAlone(plane.dependencies, clusterId, "probe");
  plane.clock.nowMs += 60_000;
  await allReport();
  expect((await document()).witness).toBeUndefined();
  await changeWhenAlone(plane.dependencies, clusterId, "stop");
  await chooseCloudWitness(plane.dependencies, clusterId, "off");
  plane.clock.nowMs += 60_000;
  await allReport();
  expect((await document()).witness).toBeUndefined();
  await chooseCloudWitness(plane.dependencies, clusterId, "automatic");
  plane.clock.nowMs += 60_000;
  await allReport();
  expect((await document()).witness).toMatchObject({ kind: "cloud" });
});

it("its vote counts among those that confirm a change of voters: a node that died can be taken out, and nothing waits for ever", async () => {
  await chooseCloudWitness(plane.dependencies, clusterId, "on");
  await allReport();
  await allReport();
  expect(votersOf(await document())).toHaveLength(3);
  await changeDocument(plane.dependencies, clusterId, nodeRemoval(beta.nodeId));
  await allReport([alpha]);
  await allReport([alpha]);
  expect(votersOf(await document())).toEqual([alpha.nodeId]);
});

it("answers a node that the document names, and nobody else", async () => {
  await chooseCloudWitness(plane.dependencies, clusterId, "on");
  await expect(askWitness(plane.dependencies, signedQuestion(alpha.identity, look))).resolves.toMatchObject({ verdict: null });
  const { certificatePem } = alpha.identity;
  const forged = { ...signedQuestion(beta.identity, look), certificatePem };
  await expect(askWitness(plane.dependencies, forged)).rejects.toThrow(/not signed by a node/);
  const elsewhere = {
    ...signedQuestion(alpha.identity, look),
    signature: sign("sha256", Buffer.from("other"), { key: alpha.identity.key, dsaEncoding: "ieee-p1363" }).toString("base64url"),
  };
  await expect(askWitness(plane.dependencies, elsewhere)).rejects.toThrow(/not signed by a node/);
  await changeDocument(plane.dependencies, clusterId, nodeRemoval(beta.nodeId));
  await expect(askWitness(plane.dependencies, signedQuestion(beta.identity, look))).rejects.toThrow(/not signed by a node/);
});

it("made the witness by several at once, its votes are those of the witness that the document names", async () => {
  const choose = () => chooseCloudWitness(plane.dependencies, clusterId, "on");
  await Promise.all([choose(), choose(), choose(), choose()]);
  const { witness } = await document();
  expect((await plane.dependencies.stores.witness.find(clusterId))?.witness).toBe(witness?.nodeId);
  await expect(askWitness(plane.dependencies, signedQuestion(alpha.identity, look))).resolves.toMatchObject({ verdict: null });
});

it("is no witness where it was not made one", async () => {
  await expect(askWitness(plane.dependencies, signedQuestion(alpha.identity, look))).rejects.toThrow(/no witness of cluster/);
});
