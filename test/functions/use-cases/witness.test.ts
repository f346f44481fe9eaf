import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { changeDocument } from "../../../functions/use-cases/change-document.ts";
import { enrolNode } from "../../../functions/use-cases/enrol-node.ts";
import { recordReport } from "../../../functions/use-cases/record-report.ts";
import { nodeRemoval } from "../../../functions/use-cases/remove-node.ts";
import type { ClusterId, NodeId } from "../../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../../shared/domain/membership/cluster-document.ts";
import { membersOf } from "../../../shared/domain/membership/members.ts";
import { votersOf } from "../../../shared/domain/membership/quorum.ts";
import {
  type ControlPlane,
  clusterOfTwo,
  enrolled,
  enrolRequest,
  newIdentity,
  newToken,
  reportOf,
  startControlPlane,
} from "../control-plane.ts";

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
  await allReport();
});

async function document(): Promise<ClusterDocument> {
  const cluster = await plane.dependencies.stores.clusters.find(clusterId);
  if (cluster === undefined) throw new Error("the cluster is gone");
  return cluster.document;
}

async function votersNow(): Promise<string[]> {
  const current = await document();
  const names = new Map(membersOf(current).map(({ nodeId, name }) => [nodeId, name]));
  return votersOf(current).map((voter) => names.get(voter) ?? voter);
}

/** Everybody runs, acts on the newest document and hears all the others; said twice, so that one's promotion is heard by all. */
async function allReport(): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    for (const { nodeId } of membersOf(await document())) {
      const current = await document();
      const others = membersOf(current).filter((member) => member.nodeId !== nodeId);
      const peers = others.map((member) => ({ nodeId: member.nodeId, reachable: true, lastHeardMs: 10 }));
      const groups = [{ name: "default", state: "standby", epoch: 0, holder: null }];
      plane.clock.nowMs += 1;
      const report = { ...reportOf(clusterId, nodeId, current.version, plane.clock.nowMs), peers, groups };
      await recordReport(plane.dependencies, { clusterId, nodeId }, report);
    }
  }
}

async function joinWitness(name = "west wing", port = 7_100) {
  return enrolNode(plane.dependencies, enrolRequest(await newToken(plane, clusterId, "witness"), await newIdentity(), name, port));
}

describe("a witness", () => {
  it("joins with a token of its own: no node, no place in a group, no licence, and no vote yet", async () => {
    const { nodeId } = await joinWitness();
    const { nodes, groups, witness } = await document();
    expect(witness).toMatchObject({ kind: "agent", nodeId, name: "west wing", voting: false, heartbeatPort: 7_100 });
    expect(nodes.map(({ name }) => name)).toEqual(["alpha", "beta"]);
    expect(groups[0]?.order).toEqual([alpha, beta]);
    await enrolled(plane, clusterId, "gamma", 7_020);
    expect((await document()).nodes).toHaveLength(3);
  });

  it("gets its vote with two voting nodes, and loses it when a third has one", async () => {
    await joinWitness();
    await allReport();
    expect(await votersNow()).toEqual(["alpha", "beta", "west wing"]);
    await enrolled(plane, clusterId, "gamma", 7_020);
    await allReport();
    await allReport();
    expect(await votersNow()).toEqual(["alpha", "beta", "gamma"]);
    expect((await document()).witness?.voting).toBe(false);
  });

  it("a lost answer: the same request again gives the same witness", async () => {
    const request = enrolRequest(await newToken(plane, clusterId, "witness"), await newIdentity(), "west wing", 7_100);
    const first = await enrolNode(plane.dependencies, request);
    expect(await enrolNode(plane.dependencies, request)).toEqual(first);
  });

  it("a second one is refused, and so is a name or an address of a node; the token works later", async () => {
    const secret = await newToken(plane, clusterId, "witness");
    const identity = await newIdentity();
    const asking = (name: string, port: number) => enrolNode(plane.dependencies, enrolRequest(secret, identity, name, port));
    await expect(asking("alpha", 7_100)).rejects.toMatchObject({ code: "name-taken" });
    await expect(asking("east wing", 7_010)).rejects.toMatchObject({ code: "address-taken" });
    const { nodeId } = await joinWitness();
    await expect(asking("east wing", 7_200)).rejects.toMatchObject({
      code: "witness-taken",
      nextStep: "Remove west wing first, then use the same token again.",
    });
    await changeDocument(plane.dependencies, clusterId, nodeRemoval(nodeId));
    expect((await document()).witness).toBeUndefined();
    await asking("east wing", 7_200);
    expect((await document()).witness?.name).toBe("east wing");
  });

  it("a node with its name is refused as well", async () => {
    await joinWitness();
    await expect(enrolled(plane, clusterId, "west wing", 7_020)).rejects.toMatchObject({ code: "name-taken" });
  });
});
