import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { successionRequest } from "../../../agent/link/identity.ts";
import { authenticateNode } from "../../../functions/use-cases/authenticate-node.ts";
import { changeDocument } from "../../../functions/use-cases/change-document.ts";
import { createJoinToken } from "../../../functions/use-cases/create-join-token.ts";
import { enrolNode } from "../../../functions/use-cases/enrol-node.ts";
import { nameNextCertificate } from "../../../functions/use-cases/name-next-certificate.ts";
import { recordReport } from "../../../functions/use-cases/record-report.ts";
import { nodeRemoval } from "../../../functions/use-cases/remove-node.ts";
import { sweepCertificates } from "../../../functions/use-cases/sweep-certificates.ts";
import type { ClusterId, NodeId } from "../../../shared/domain/ids.ts";
import { certificateOverlapMs } from "../../../shared/domain/membership/certificates.ts";
import {
  type ControlPlane,
  enrolRequest,
  type NodeIdentity,
  newCluster,
  newIdentity,
  newToken,
  secretOf,
  startControlPlane,
} from "../control-plane.ts";

const dayMs = 86_400_000;
const lifeDays = 90;

let plane: ControlPlane;
let clusterId: ClusterId;
let nodes: { nodeId: NodeId; identity: NodeIdentity }[] = [];

/** As an agent makes it: good for ninety days from now on, on the control plane's clock. */
const identityNow = () => newIdentity({ notBeforeMs: plane.clock.nowMs, notAfterMs: plane.clock.nowMs + lifeDays * dayMs });
const document = async () => {
  const found = await plane.dependencies.stores.clusters.find(clusterId);
  if (found === undefined) throw new Error("the cluster is gone");
  return found.document;
};
const node = async (nodeId: NodeId) => (await document()).nodes.find((one) => one.nodeId === nodeId);
/** The node says that it acts on the newest document, and which certificate it shows. */
const report = async ({ nodeId, identity }: { nodeId: NodeId; identity: NodeIdentity }) => {
  const { version } = await document();
  await recordReport(
    plane.dependencies,
    { clusterId, nodeId },
    {
      clusterId,
      nodeId,
      at: new Date(plane.clock.nowMs).toISOString(),
      agentVersion: "1.0.0",
      incarnation: 1,
      documentVersion: version,
      certificateSha256: identity.certificateSha256,
      groups: [],
      peers: [],
      dataSets: [],
    },
  );
};
/** As an agent does it. */
const rotate = async (one: { nodeId: NodeId; identity: NodeIdentity }) => {
  const next = await identityNow();
  await nameNextCertificate(plane.dependencies, successionRequest(one.identity, next));
  one.identity = next;
};
const who = (identity: NodeIdentity) => authenticateNode(plane.dependencies, identity.certificateSha256);
const told = async () => {
  const page = await plane.dependencies.stores.events.page(clusterId, { limit: 50 });
  return page === "bad-position" ? [] : page.events.map(({ detail }) => detail).toReversed();
};

beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(() => plane.close());
beforeEach(async () => {
  clusterId = await newCluster(plane, 3);
  nodes = [];
  for (const [index, name] of ["alpha", "beta", "gamma"].entries()) {
    const identity = await identityNow();
    const { nodeId } = await enrolNode(
      plane.dependencies,
      enrolRequest(await newToken(plane, clusterId), identity, name, 7_000 + index * 10),
    );
    nodes.push({ nodeId, identity });
    for (const one of nodes) await report(one);
  }
});

const [alpha, beta, gamma] = [0, 1, 2].map((index) => () => {
  const found = nodes[index];
  if (found === undefined) throw new Error(`there is no node ${index}`);
  return found;
}) as [() => (typeof nodes)[number], () => (typeof nodes)[number], () => (typeof nodes)[number]];

describe("a node's next certificate", () => {
  it("is named beside the present one, both count, and nobody else is changed", async () => {
    const before = await document();
    const next = await identityNow();
    const asked = successionRequest(alpha().identity, next);
    const answer = await nameNextCertificate(plane.dependencies, asked);
    expect(answer).toEqual({ documentVersion: before.version + 1, settled: false });
    expect(await node(alpha().nodeId)).toMatchObject({
      certificateSha256: alpha().identity.certificateSha256,
      nextCertificate: { sha256: next.certificateSha256, sinceVersion: before.version + 1, vouched: { signature: asked.signature } },
    });
    expect(await who(next)).toEqual({ clusterId, nodeId: alpha().nodeId });
    expect(await who(alpha().identity)).toEqual({ clusterId, nodeId: alpha().nodeId });
    expect(await nameNextCertificate(plane.dependencies, asked)).toEqual(answer);
    expect((await document()).nodes.slice(1)).toEqual(before.nodes.slice(1));
  });

  it("takes the present one's place when the node shows it and everybody knows it, an hour later at the earliest", async () => {
    const old = alpha().identity;
    const isNamedAlone = async () => {
      await sweepCertificates(plane.dependencies);
      return (await node(alpha().nodeId))?.nextCertificate === undefined;
    };
    await rotate(alpha());
    for (const one of [beta(), gamma()]) await report(one);
    plane.clock.nowMs += certificateOverlapMs.least - 1;
    await report({ ...alpha(), identity: old });
    plane.clock.nowMs += 1;
    expect(await isNamedAlone()).toBe(false);
    plane.clock.nowMs -= 1;
    await report(alpha());
    expect(await isNamedAlone()).toBe(false);
    plane.clock.nowMs += 1;
    expect(await isNamedAlone()).toBe(true);
    expect((await node(alpha().nodeId))?.certificateSha256).toBe(alpha().identity.certificateSha256);
    expect(await who(old)).toBeUndefined();
    expect(await nameNextCertificate(plane.dependencies, successionRequest(old, alpha().identity))).toMatchObject({ settled: true });
  });

  it("somebody who is away keeps the old one in force for the overlap, and no longer", async () => {
    const old = alpha().identity;
    await rotate(alpha());
    await report(alpha());
    await report(beta());
    plane.clock.nowMs += certificateOverlapMs.most - 1_000;
    await sweepCertificates(plane.dependencies);
    expect(await who(old)).toBeDefined();
    plane.clock.nowMs += 1_000;
    await sweepCertificates(plane.dependencies);
    expect(await who(old)).toBeUndefined();
    expect(await who(alpha().identity)).toBeDefined();
  });

  it("a key that is not the node's, a next key that is not the caller's, and another node's certificate are refused", async () => {
    const [next, stranger] = [await identityNow(), await identityNow()];
    const asked = successionRequest(alpha().identity, next);
    const refused = (request: typeof asked) => nameNextCertificate(plane.dependencies, request);
    await expect(refused({ ...asked, signature: asked.nextSignature })).rejects.toMatchObject({ code: "not-signed-in" });
    await expect(refused({ ...asked, nextSignature: asked.signature })).rejects.toMatchObject({ code: "certificate-invalid" });
    await expect(refused(successionRequest(stranger, next))).rejects.toMatchObject({ code: "not-signed-in" });
    await expect(refused(successionRequest(alpha().identity, beta().identity))).rejects.toMatchObject({ code: "certificate-invalid" });
    expect((await node(alpha().nodeId))?.nextCertificate).toBeUndefined();
    await rotate(alpha());
    await expect(refused(successionRequest(alpha().identity, await identityNow()))).rejects.toMatchObject({ code: "not-signed-in" });
  });

  it("of a node that was removed is nobody's, as its present one", async () => {
    const next = await identityNow();
    await nameNextCertificate(plane.dependencies, successionRequest(gamma().identity, next));
    await changeDocument(plane.dependencies, clusterId, nodeRemoval(gamma().nodeId));
    expect(await who(gamma().identity)).toBeUndefined();
    expect(await who(next)).toBeUndefined();
    await expect(nameNextCertificate(plane.dependencies, successionRequest(next, await identityNow()))).rejects.toMatchObject({
      code: "not-signed-in",
    });
  });
});

describe("three full rotations, with one node away through all of them", () => {
  it("its certificate expires, is told of and refused; it comes back with a token that was made for it, as the same node", async () => {
    const lost = gamma().identity;
    for (let round = 0; round < 3; round += 1) {
      plane.clock.nowMs += (lifeDays * dayMs * 2) / 3;
      await sweepCertificates(plane.dependencies);
      for (const one of [alpha(), beta()]) {
        await rotate(one);
        for (const present of [alpha(), beta()]) await report(present);
      }
      plane.clock.nowMs += certificateOverlapMs.most;
      await sweepCertificates(plane.dependencies);
    }
    expect(await told()).toContainEqual(expect.objectContaining({ kind: "certificate.expired", node: gamma().nodeId }));
    expect(await who(alpha().identity)).toBeDefined();
    expect(await who(lost)).toBeUndefined();
    await expect(nameNextCertificate(plane.dependencies, successionRequest(lost, await identityNow()))).rejects.toMatchObject({
      code: "not-signed-in",
      nextStep: expect.stringMatching(/certificate renew/) as string,
    });

    const renewed = await identityNow();
    const { nodeId } = gamma();
    const token = await createJoinToken(plane.dependencies, clusterId, { role: "node", nodeId, lifetimeSeconds: 900 });
    const request = { ...enrolRequest(secretOf(token.token), renewed, "gamma"), nodeId };
    await expect(enrolNode(plane.dependencies, enrolRequest(secretOf(token.token), renewed, "gamma"))).rejects.toMatchObject({
      code: "token-unknown",
    });
    await expect(enrolNode(plane.dependencies, { ...request, nodeId: alpha().nodeId })).rejects.toMatchObject({ code: "token-unknown" });
    const before = await document();
    const answer = await enrolNode(plane.dependencies, request);
    expect(answer.nodeId).toBe(nodeId);
    expect(await enrolNode(plane.dependencies, request)).toEqual(answer);
    expect(await who(renewed)).toEqual({ clusterId, nodeId });
    expect(await who(lost)).toBeUndefined();
    const after = await document();
    expect(after.nodes.map(({ nodeId: id, voting }) => [id, voting])).toEqual(before.nodes.map(({ nodeId: id, voting }) => [id, voting]));
    expect(after.version).toBe(before.version + 1);
  });
});

describe("a certificate that nears its end unrenewed", () => {
  it("is told of at 14, 7 and 1 days and when it has expired: each once, however often it is looked at", async () => {
    for (const daysLeft of [29, 14, 10, 7, 1, 0.2, 0]) {
      plane.clock.nowMs = Date.parse((await node(gamma().nodeId))?.certificateTerm?.until ?? "") - daysLeft * dayMs;
      await sweepCertificates(plane.dependencies);
      await sweepCertificates(plane.dependencies);
    }
    const own = (await told()).filter((detail) => "node" in detail && detail.node === gamma().nodeId);
    expect(own.map((detail) => ("daysLeft" in detail ? detail.daysLeft : detail.kind))).toEqual([14, 7, 1, "certificate.expired"]);
  });
});
