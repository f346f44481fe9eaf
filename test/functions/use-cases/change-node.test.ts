import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { clusterChange } from "../../../functions/use-cases/change-cluster.ts";
import { changeDocument, checkChange, type DocumentChange } from "../../../functions/use-cases/change-document.ts";
import { nodeChange } from "../../../functions/use-cases/change-node.ts";
import type { ClusterId, NodeId, PathName } from "../../../shared/domain/ids.ts";
import { type ControlPlane, clusterOfTwo, startControlPlane } from "../control-plane.ts";

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
});

const change = async (wanted: DocumentChange) => (await changeDocument(plane.dependencies, clusterId, wanted)).document;

describe("changing a cluster that runs", () => {
  it("a node's name and addresses: what is left out stays, and all else of it", async () => {
    const before = (await plane.dependencies.stores.clusters.find(clusterId))?.document;
    const paths = [{ name: "lan-b" as PathName, host: "10.8.0.2" }];
    const moved = await change(nodeChange(beta, { host: "10.9.0.2", paths }));
    expect(moved.nodes).toEqual([before?.nodes[0], { ...before?.nodes[1], host: "10.9.0.2", paths }]);
    const renamed = await change(nodeChange(beta, { name: "Beta of the hall" }));
    expect(renamed.nodes[1]).toEqual({ ...moved.nodes[1], name: "Beta of the hall" });
    expect((await change(nodeChange(beta, { paths: [] }))).nodes[1]).not.toHaveProperty("paths");
  });

  it("what would not be sound is refused with every problem, and nothing is changed", async () => {
    const before = (await plane.dependencies.stores.clusters.find(clusterId))?.document;
    const twice = nodeChange(beta, { name: "alpha", paths: [{ name: "lan-b" as PathName, host: "127.0.0.1" }] });
    await expect(change(twice)).rejects.toMatchObject({
      code: "invalid-request",
      problems: expect.arrayContaining([
        expect.objectContaining({ message: expect.stringContaining("alpha") as string }),
        expect.objectContaining({ message: expect.stringContaining("is used twice") as string }),
      ]) as unknown,
    });
    await expect(change(nodeChange("node_gone" as NodeId, { name: "x" }))).rejects.toMatchObject({ code: "not-found" });
    expect((await plane.dependencies.stores.clusters.find(clusterId))?.document).toEqual(before);
  });

  it("the cluster's name and the ring's order, which names each node once", async () => {
    const document = await change(clusterChange({ name: "back desk", ring: [beta, alpha] }));
    expect([document.name, document.nodes.map(({ nodeId }) => nodeId)]).toEqual(["back desk", [beta, alpha]]);
    for (const ring of [[beta], [beta, beta], [beta, alpha, alpha], [beta, "node_gone" as NodeId]]) {
      await expect(change(clusterChange({ ring }))).rejects.toMatchObject({
        code: "invalid-request",
        nextStep: expect.stringContaining("(alpha)") as string,
      });
    }
  });

  it("a dry run says what would follow, refuses what would be refused, and changes nothing", async () => {
    const { version } = await change(clusterChange({ name: "front desk" }));
    const dry = (wanted: DocumentChange) => checkChange(plane.dependencies, clusterId, wanted, version);
    expect(await dry(clusterChange({ ring: [beta, alpha] }))).toEqual({
      version,
      nextVersion: version + 1,
      consequences: [expect.stringContaining("in the order beta → alpha") as string],
    });
    expect(await dry(clusterChange({ name: "front desk" }))).toEqual({ version, nextVersion: version + 1, consequences: [] });
    await expect(dry(nodeChange(beta, { name: "alpha" }))).rejects.toMatchObject({ code: "invalid-request" });
    expect((await plane.dependencies.stores.clusters.find(clusterId))?.document.version).toBe(version);
  });
});
