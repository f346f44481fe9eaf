import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { changeDocument } from "../../../functions/use-cases/change-document.ts";
import { createJoinToken } from "../../../functions/use-cases/create-join-token.ts";
import { enrolNode } from "../../../functions/use-cases/enrol-node.ts";
import { issueLicence } from "../../../functions/use-cases/issue-licence.ts";
import { nodeRemoval } from "../../../functions/use-cases/remove-node.ts";
import { enrolSchema } from "../../../shared/protocol/api-contract.ts";
import { clusterDocumentSchema } from "../../../shared/protocol/cluster-document-schema.ts";
import { signedTypes, verifySigned } from "../../../shared/protocol/signatures.ts";
import {
  acknowledge,
  type ControlPlane,
  enrolled,
  enrolRequest,
  newCluster,
  newIdentity,
  newToken,
  secretOf,
  startControlPlane,
} from "../control-plane.ts";

let plane: ControlPlane;
beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(() => plane.close());

const nodesOf = async (clusterId: Parameters<typeof newToken>[1]) =>
  (await plane.dependencies.stores.clusters.find(clusterId))?.document.nodes ?? [];

describe("enrolment: a good token", () => {
  it("the node stands in a signed document, which is pushed to the cluster", async () => {
    const clusterId = await newCluster(plane, 2);
    const identity = await newIdentity();
    const answer = await enrolNode(plane.dependencies, enrolRequest(await newToken(plane, clusterId), identity, "alpha"));
    const verified = await verifySigned(signedTypes.document, answer.document, answer.signingKeys);
    expect(verified).toMatchObject({ ok: true });
    const document = clusterDocumentSchema.parse(verified.ok ? verified.payload : null);
    expect(document.nodes).toMatchObject([
      { nodeId: answer.nodeId, name: "alpha", role: "primary", certificateSha256: identity.certificateSha256 },
    ]);
    expect(document.groups).toMatchObject([{ name: "default", order: [answer.nodeId] }]);
    expect(plane.messages.documents.at(-1)).toEqual({ clusterId, signed: answer.document });
  });

  it("a node with several LANs stands there with all of them, and nobody else gets an address of its", async () => {
    const clusterId = await newCluster(plane, 2);
    const paths = enrolSchema.shape.paths.parse([{ name: "lan-b", host: "198.51.100.1" }]) ?? [];
    const request = enrolRequest(await newToken(plane, clusterId), await newIdentity(), "alpha");
    await enrolNode(plane.dependencies, { ...request, paths });
    expect(await nodesOf(clusterId)).toMatchObject([{ name: "alpha", host: request.host, paths }]);
    const neighbour = enrolRequest(await newToken(plane, clusterId), await newIdentity(), "beta");
    await expect(enrolNode(plane.dependencies, { ...neighbour, host: "198.51.100.1" })).rejects.toMatchObject({ code: "address-taken" });
  });

  it.each([[[{ name: "main", host: "198.51.100.1" }]], [[1, 2].map((host) => ({ name: "lan-b", host: `198.51.100.${host}` }))]])(
    "further paths need names of their own: %j is refused",
    (paths) => {
      expect(enrolSchema.shape.paths.safeParse(paths).error?.message).toMatch(/each needs a name of its own, and none is main/);
    },
  );

  it("a lost answer: the same request again gives the same node, and no second one", async () => {
    const clusterId = await newCluster(plane, 2);
    const request = enrolRequest(await newToken(plane, clusterId), await newIdentity(), "alpha");
    const first = await enrolNode(plane.dependencies, request);
    expect(await enrolNode(plane.dependencies, request)).toEqual(first);
    expect(await nodesOf(clusterId)).toHaveLength(1);
  });

  it("a crash after the claim: the same request goes on as the node that won it", async () => {
    const clusterId = await newCluster(plane, 2);
    const secret = await newToken(plane, clusterId);
    const request = enrolRequest(secret, await newIdentity(), "alpha");
    vi.spyOn(plane.dependencies.stores.clusters, "replace").mockRejectedValueOnce(new Error("crash"));
    await expect(enrolNode(plane.dependencies, request)).rejects.toThrow("crash");
    await expect(enrolNode(plane.dependencies, enrolRequest(secret, await newIdentity(), "beta"))).rejects.toMatchObject({
      code: "token-used",
    });
    await enrolNode(plane.dependencies, request);
    expect(await nodesOf(clusterId)).toMatchObject([{ name: "alpha" }]);
  });

  it("100 servers with one token at once: exactly one node is enrolled", async () => {
    const clusterId = await newCluster(plane, 8);
    const secret = await newToken(plane, clusterId);
    const requests = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => enrolRequest(secret, await newIdentity(), `node ${index}`, 10_000 + 2 * index)),
    );
    const results = await Promise.allSettled(requests.map((request) => enrolNode(plane.dependencies, request)));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const codes = new Set(results.flatMap((result) => (result.status === "rejected" ? [result.reason.code] : [])));
    expect(codes).toEqual(new Set(["token-used"]));
    expect(await nodesOf(clusterId)).toHaveLength(1);
  });
});

describe("enrolment: a token that does not count", () => {
  it("one that was never issued", async () => {
    await expect(enrolNode(plane.dependencies, enrolRequest("x".repeat(43), await newIdentity(), "alpha"))).rejects.toMatchObject({
      code: "token-unknown",
      message: "this control plane has not issued this join token",
      nextStep: expect.stringContaining("Create a new join token"),
    });
  });

  it("one that has enrolled another node", async () => {
    const clusterId = await newCluster(plane, 2);
    const secret = await newToken(plane, clusterId);
    await enrolNode(plane.dependencies, enrolRequest(secret, await newIdentity(), "alpha"));
    await expect(enrolNode(plane.dependencies, enrolRequest(secret, await newIdentity(), "beta"))).rejects.toMatchObject({
      code: "token-used",
      message: `this join token of cluster ${clusterId} has been used already: it enrols one node, once`,
    });
  });

  it("one that has run out", async () => {
    const clusterId = await newCluster(plane, 2);
    const created = await createJoinToken(plane.dependencies, clusterId, { role: "node", lifetimeSeconds: 60 });
    const request = enrolRequest(secretOf(created.token), await newIdentity(), "alpha");
    plane.clock.nowMs += 61_000;
    await expect(enrolNode(plane.dependencies, request)).rejects.toMatchObject({
      code: "token-expired",
      message: `this join token has expired: it was valid until ${created.expiresAt}`,
    });
  });

  it("one whose node was removed: the old request does not bring it back", async () => {
    const clusterId = await newCluster(plane, 2);
    const request = enrolRequest(await newToken(plane, clusterId), await newIdentity(), "alpha");
    const { nodeId } = await enrolNode(plane.dependencies, request);
    await changeDocument(plane.dependencies, clusterId, nodeRemoval(nodeId));
    await expect(enrolNode(plane.dependencies, request)).rejects.toMatchObject({ code: "token-used" });
  });

  it("the store holds no secret: only the hash finds the token", async () => {
    const secret = await newToken(plane, await newCluster(plane, 1));
    expect(await plane.dependencies.stores.tokens.find(secret)).toBeUndefined();
  });
});

describe("enrolment: a node that may not join yet", () => {
  it("over the licences: refused with the reason, and the same token works once there is another", async () => {
    const clusterId = await newCluster(plane, 2);
    await enrolled(plane, clusterId, "alpha", 7_000);
    await enrolled(plane, clusterId, "beta", 7_010);
    for (const { nodeId } of await nodesOf(clusterId)) await acknowledge(plane, clusterId, nodeId);
    const request = enrolRequest(await newToken(plane, clusterId), await newIdentity(), "gamma", 7_020);
    await expect(enrolNode(plane.dependencies, request)).rejects.toMatchObject({
      code: "licence-limit",
      message: "licences allow 2 nodes; cluster front desk already has 2",
      nextStep: "Issue a further licence, then use the same token again.",
    });
    const validUntil = new Date(plane.clock.nowMs + 86_400_000).toISOString();
    await issueLicence(plane.dependencies, clusterId, { nodes: 1, validUntil, graceDays: 0 });
    await enrolNode(plane.dependencies, request);
    expect((await nodesOf(clusterId)).map(({ name, role }) => `${name} ${role}`)).toEqual([
      "alpha primary",
      "beta secondary",
      "gamma secondary",
    ]);
  });

  it("the first node has not even started: a second one joins all the same, without a vote", async () => {
    const clusterId = await newCluster(plane, 3);
    await enrolNode(plane.dependencies, enrolRequest(await newToken(plane, clusterId), await newIdentity(), "alpha", 7_000));
    await enrolNode(plane.dependencies, enrolRequest(await newToken(plane, clusterId), await newIdentity(), "beta", 7_010));
    expect((await nodesOf(clusterId)).map(({ name, voting }) => `${name} ${voting}`)).toEqual(["alpha true", "beta false"]);
  });

  it("a new node that never started can be removed again, though nobody has confirmed it", async () => {
    const clusterId = await newCluster(plane, 3);
    await enrolled(plane, clusterId, "alpha", 7_000);
    const { nodeId } = await enrolNode(
      plane.dependencies,
      enrolRequest(await newToken(plane, clusterId), await newIdentity(), "beta", 7_010),
    );
    await changeDocument(plane.dependencies, clusterId, nodeRemoval(nodeId));
    expect((await nodesOf(clusterId)).map(({ name }) => name)).toEqual(["alpha"]);
  });

  it.each([
    ["its name is taken", "alpha", 7_500, "name-taken"],
    ["its address is taken", "beta", 7_000, "address-taken"],
  ])("%s", async (_situation, name, port, code) => {
    const clusterId = await newCluster(plane, 3);
    await enrolled(plane, clusterId, "alpha", 7_000);
    await expect(
      enrolNode(plane.dependencies, enrolRequest(await newToken(plane, clusterId), await newIdentity(), name, port)),
    ).rejects.toMatchObject({ code });
  });

  it("its certificate is that of another node", async () => {
    const one = await newCluster(plane, 1);
    const { identity } = await enrolled(plane, one, "alpha", 7_000);
    const other = await newCluster(plane, 1);
    await expect(enrolNode(plane.dependencies, enrolRequest(await newToken(plane, other), identity, "alpha"))).rejects.toMatchObject({
      code: "certificate-invalid",
    });
  });
});

describe("enrolment: proof of the key", () => {
  it.each([
    [
      "the proof is by another key",
      async (secret: string) => ({
        ...enrolRequest(secret, await newIdentity(), "a"),
        certificatePem: (await newIdentity()).certificatePem,
      }),
    ],
    [
      "the proof is for another token",
      async (secret: string) => ({ ...enrolRequest("y".repeat(43), await newIdentity(), "a"), tokenSecret: secret }),
    ],
    [
      "the certificate is none",
      async (secret: string) => ({ ...enrolRequest(secret, await newIdentity(), "a"), certificatePem: "nonsense" }),
    ],
    [
      "the certificate has run out",
      async (secret: string) => enrolRequest(secret, await newIdentity({ notAfterMs: Date.now() - 1_000 }), "a"),
    ],
  ])("%s: refused, and the token stays usable", async (_situation, build) => {
    const clusterId = await newCluster(plane, 1);
    const secret = await newToken(plane, clusterId);
    await expect(enrolNode(plane.dependencies, await build(secret))).rejects.toMatchObject({ code: "certificate-invalid" });
    await enrolNode(plane.dependencies, enrolRequest(secret, await newIdentity(), "a"));
    expect(await nodesOf(clusterId)).toHaveLength(1);
  });
});
