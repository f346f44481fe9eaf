import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { changeDocument } from "../../../functions/use-cases/change-document.ts";
import { recordReport } from "../../../functions/use-cases/record-report.ts";
import { nodeRemoval } from "../../../functions/use-cases/remove-node.ts";
import type { ClusterId, NodeId } from "../../../shared/domain/ids.ts";
import { type ControlPlane, clusterOfTwo, enrolled, reportOf, startControlPlane } from "../control-plane.ts";

let plane: ControlPlane;
let clusterId: ClusterId;
let alpha: NodeId;
let beta: NodeId;
beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(() => plane.close());
beforeEach(async () => {
  ({ clusterId, alpha, beta } = await clusterOfTwo(plane, 3));
});

const document = async () => {
  const cluster = await plane.dependencies.stores.clusters.find(clusterId);
  if (cluster === undefined) throw new Error("the cluster is gone");
  return cluster.document;
};

const voters = async (): Promise<string[]> => (await document()).nodes.filter(({ voting }) => voting).map(({ name }) => name);

/** A node that runs, acts on the newest document and hears all the others. */
async function reports(nodeId: NodeId): Promise<void> {
  const { version, nodes } = await document();
  const peers = nodes.filter((node) => node.nodeId !== nodeId).map((node) => ({ nodeId: node.nodeId, reachable: true, lastHeardMs: 10 }));
  const groups = [{ name: "default", state: "standby", epoch: 0, holder: null }];
  plane.clock.nowMs += 1;
  const report = { ...reportOf(clusterId, nodeId, version, plane.clock.nowMs), peers, groups };
  await recordReport(plane.dependencies, { clusterId, nodeId }, report);
}

describe("a new node's vote", () => {
  it("the first node has it at once; the second joins without, so that nothing hangs on it before it runs", async () => {
    expect(await voters()).toEqual(["alpha"]);
  });

  it("it is promoted by the report that completes the picture, and the cluster is told", async () => {
    await reports(beta);
    expect(await voters()).toEqual(["alpha"]);
    await reports(alpha);
    expect(await voters()).toEqual(["alpha", "beta"]);
    expect(plane.messages.documents.at(-1)?.clusterId).toBe(clusterId);
  });

  it("one change of voters at a time: the next learner waits until a majority acts on the last one", async () => {
    const gamma = (await enrolled(plane, clusterId, "gamma", 7_020)).nodeId;
    for (const node of [beta, gamma, alpha]) await reports(node);
    expect(await voters()).toEqual(["alpha", "beta"]);
    await reports(gamma);
    await reports(alpha);
    expect(await voters()).toEqual(["alpha", "beta"]);
    await reports(beta);
    expect(await voters()).toEqual(["alpha", "beta", "gamma"]);
  });

  it("the only voter is to be removed while another is a learner: refused, with the ways out", async () => {
    await expect(changeDocument(plane.dependencies, clusterId, nodeRemoval(alpha))).rejects.toMatchObject({
      code: "membership-change-pending",
      message: "it has the only vote of cluster front desk: beta joined, but did not become a voter yet",
      nextStep: "Wait until beta is a voter, or remove beta first.",
    });
    await changeDocument(plane.dependencies, clusterId, nodeRemoval(beta));
    await changeDocument(plane.dependencies, clusterId, nodeRemoval(alpha));
    expect((await document()).nodes).toEqual([]);
  });
});
