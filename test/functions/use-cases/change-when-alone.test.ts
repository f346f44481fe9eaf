import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { checkChange } from "../../../functions/use-cases/change-document.ts";
import { changeWhenAlone, whenAloneChange } from "../../../functions/use-cases/change-when-alone.ts";
import { recordReport } from "../../../functions/use-cases/record-report.ts";
import type { ClusterId, NodeId } from "../../../shared/domain/ids.ts";
import { votersOf } from "../../../shared/domain/membership/quorum.ts";
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
  ({ clusterId, alpha, beta } = await clusterOfTwo(plane, 4));
  await report(alpha, beta);
});

async function cluster() {
  const stored = await plane.dependencies.stores.clusters.find(clusterId);
  if (stored === undefined) throw new Error("the cluster is gone");
  return stored;
}

/** These have taken in the newest document, and hear everybody; said twice, so that one's promotion is heard by all. */
async function report(...nodes: readonly NodeId[]): Promise<void> {
  for (const nodeId of [...nodes, ...nodes]) {
    const { document } = await cluster();
    const others = document.nodes.filter((node) => node.nodeId !== nodeId);
    const peers = others.map((node) => ({ nodeId: node.nodeId, reachable: true, lastHeardMs: 10 }));
    plane.clock.nowMs += 1;
    const told = { ...reportOf(clusterId, nodeId, document.version, plane.clock.nowMs), peers, groups: [] };
    await recordReport(plane.dependencies, { clusterId, nodeId }, told);
  }
}

describe("what two nodes do when they lose each other", () => {
  it("survivor, and back: each in a new version; the same again changes nothing", async () => {
    const { document } = await changeWhenAlone(plane.dependencies, clusterId, "survivor");
    expect(document.whenAlone).toBe("survivor");
    expect((await changeWhenAlone(plane.dependencies, clusterId, "survivor")).document.version).toBe(document.version);
    const back = await changeWhenAlone(plane.dependencies, clusterId, "stop");
    expect(back.document.version).toBe(document.version + 1);
    expect(back.document).not.toHaveProperty("whenAlone");
  });

  it("asked for without making it: what would follow, and nothing has changed", async () => {
    const { document } = await cluster();
    const preview = await checkChange(plane.dependencies, clusterId, whenAloneChange("survivor"));
    expect(preview).toEqual({
      version: document.version,
      nextVersion: document.version + 1,
      consequences: ["when two nodes lose each other: survivor"],
    });
    expect((await cluster()).document).toEqual(document);
  });

  it("a third node joins: from then on a majority decides", async () => {
    await changeWhenAlone(plane.dependencies, clusterId, "survivor");
    await enrolled(plane, clusterId, "gamma", 7_020);
    expect((await cluster()).document).not.toHaveProperty("whenAlone");
    await expect(changeWhenAlone(plane.dependencies, clusterId, "survivor")).rejects.toThrow(/has 3 nodes: a majority decides/);
  });

  it("a node that may be going on alone, out of reach: nobody gets a vote beside it until it has heard that it may not", async () => {
    await changeWhenAlone(plane.dependencies, clusterId, "survivor");
    await report(alpha, beta);
    const gamma = (await enrolled(plane, clusterId, "gamma", 7_020)).nodeId;
    await report(beta, gamma);
    expect(votersOf((await cluster()).document)).toEqual([alpha, beta]);
    await report(alpha, beta, gamma);
    expect(votersOf((await cluster()).document)).toEqual([alpha, beta, gamma]);
  });
});
