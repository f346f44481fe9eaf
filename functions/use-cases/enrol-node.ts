import { limits } from "../../shared/config/limits.ts";
import { membersOf } from "../../shared/domain/membership/members.ts";
import type { EnrolRequest, EnrolResponse } from "../../shared/protocol/api-contract.ts";
import type { ApiErrorCode } from "../../shared/protocol/errors.ts";
import type { Dependencies } from "../dependencies.ts";
import type { StoredCluster } from "../store/cluster-store.ts";
import { secretHash } from "../store/table-keys.ts";
import type { JoinToken, JoinTokenClaim } from "../store/token-store.ts";
import { admitToCluster, type Candidate } from "./admit-node.ts";
import { admitWitness } from "./admit-witness.ts";
import { clusterOrRefuse } from "./find-or-refuse.ts";
import { checkedCertificate } from "./node-certificate.ts";
import { randomId } from "./random-id.ts";
import { readmitNode } from "./readmit-node.ts";
import { Refusal } from "./refusal.ts";
import { settleLicences } from "./settle-licences.ts";

/**
 * Enrols one node, or the witness, with a join token; or gives one that is enrolled another certificate, where the token was made for that. The steps, each repeatable: find the token, check the certificate, claim the token (of any number of callers one
 * wins), put the node into the cluster document, mark the token used. A crash or a lost answer in between is mended by the same request again;
 * whatever refuses the node (its name, its address, ...) gives the claim back, so that the same token works later. Where a licence is missing the node
 * keeps its claim, so that it can go on by itself when there is one, even if the token has expired meanwhile.
 */
export async function enrolNode(dependencies: Dependencies, request: EnrolRequest): Promise<EnrolResponse> {
  const { stores, nowMs } = dependencies;
  const secretSha256 = secretHash(request.tokenSecret);
  const token = await stores.tokens.find(secretSha256);
  if (token === undefined || token.state === "withdrawn") throw tokenUnknown();
  const certified = checkedCertificate(request, nowMs());
  const { certificateSha256 } = certified;
  refuseWrongNode(token, request);

  const enrolled = await alreadyEnrolled(dependencies, request, token, certificateSha256);
  if (enrolled !== undefined) return enrolled;
  const waitMs = token.state === "claimed" ? limits.joinWaitSecondsMax * 1_000 : 0;
  if (Date.parse(token.expiresAt) + waitMs <= nowMs()) throw tokenExpired(token);

  const claim = token.state === "claimed" ? token.claim : await claimToken(dependencies, token, certificateSha256);
  const candidate: Candidate = { ...request, nodeId: claim.nodeId, ...certified };
  const { requestId } = dependencies.actor;
  const asTheNode = { ...dependencies, actor: { kind: "node", id: claim.nodeId, name: request.name, requestId } as const };
  const cluster = await releasingOnRefusal(dependencies, secretSha256, claim, () =>
    admitterOf(token)(asTheNode, token.clusterId, candidate),
  );
  await stores.tokens.markUsed(secretSha256, claim);
  // A licence may name the new server as the primary. Should this fail, the next sweep does it.
  if (token.role === "node") await settleLicences(dependencies, token.clusterId);
  return answer(dependencies, request, claim, cluster);
}

/** The answer to a repeated request whose node is in the cluster already; a token that another node has won is refused. */
async function alreadyEnrolled(
  dependencies: Dependencies,
  request: EnrolRequest,
  token: JoinToken,
  certificateSha256: string,
): Promise<EnrolResponse | undefined> {
  if (!("claim" in token)) return undefined;
  const { claim } = token;
  if (claim.certificateSha256 !== certificateSha256) throw tokenUsed(token);
  const cluster = await clusterOrRefuse(dependencies, token.clusterId);
  const member = membersOf(cluster.document).find(({ nodeId }) => nodeId === claim.nodeId);
  // Who gets another certificate may have announced the same one: by a token it gets that one alone.
  const isAnnounced = token.nodeId === undefined && member?.nextCertificate?.sha256 === claim.certificateSha256;
  const present = member?.certificateSha256 === claim.certificateSha256 || isAnnounced;
  if (!present && token.state === "used") throw tokenUsed(token);
  if (!present) return undefined;
  await dependencies.stores.tokens.markUsed(token.secretSha256, claim);
  return answer(dependencies, request, claim, cluster);
}

function admitterOf({ nodeId, role }: JoinToken) {
  if (nodeId !== undefined) return readmitNode;
  return role === "witness" ? admitWitness : admitToCluster;
}

/** A server without what the node has promised must not come back as that node; nor may a node that has an identity become another one. */
function refuseWrongNode({ nodeId }: JoinToken, request: EnrolRequest): void {
  if (nodeId === request.nodeId) return;
  throw nodeId === undefined
    ? new Refusal("token-unknown", "this join token is for a new node, and this server is one already", "Make a token for this very node.")
    : new Refusal(
        "token-unknown",
        `this token gives node ${nodeId} another certificate, and this server is not that node`,
        "Use it on that node: understudy agent certificate renew --token TOKEN --config FILE. For a new server make a join token.",
      );
}

async function claimToken({ stores }: Dependencies, token: JoinToken, certificateSha256: string): Promise<JoinTokenClaim> {
  const claim = { nodeId: token.nodeId ?? randomId("node"), certificateSha256 };
  if ((await stores.tokens.claim(token.secretSha256, claim)) === "won") return claim;
  const now = await stores.tokens.find(token.secretSha256);
  // The same node asked twice at once: both go on under the claim that won.
  if (now?.state === "claimed" && now.claim.certificateSha256 === certificateSha256) return now.claim;
  throw tokenUsed(token);
}

/** A further licence ends them, and nothing that the node does: it may wait. */
const waitsForLicence: ReadonlySet<ApiErrorCode> = new Set(["licence-required", "licence-limit"]);

async function releasingOnRefusal(
  { stores }: Dependencies,
  secretSha256: string,
  claim: JoinTokenClaim,
  admit: () => Promise<StoredCluster>,
): Promise<StoredCluster> {
  try {
    return await admit();
  } catch (error) {
    if (error instanceof Refusal && !waitsForLicence.has(error.code)) await stores.tokens.release(secretSha256, claim);
    throw error;
  }
}

/** Goes out once the broker lets the node in; a broker that is away makes the node ask again. */
async function answer(
  { messenger, signer, endpoints }: Dependencies,
  { certificatePem }: EnrolRequest,
  claim: JoinTokenClaim,
  cluster: StoredCluster,
): Promise<EnrolResponse> {
  await messenger.admit({ clusterId: cluster.document.clusterId, nodeId: claim.nodeId }, certificatePem);
  const keys = await signer.publicKeys();
  return {
    nodeId: claim.nodeId,
    clusterId: cluster.document.clusterId,
    document: cluster.signed,
    signingKeys: { keys: keys.map((key) => ({ ...key })) },
    cloud: { mqttUrl: endpoints.mqttUrl, ...(endpoints.caPem === undefined ? {} : { caPem: endpoints.caPem }) },
  };
}

const anotherToken = "Create a new join token in the console, and join with that one.";

function tokenUnknown(): Refusal {
  return new Refusal(
    "token-unknown",
    "this control plane has not issued this join token",
    `Check that the whole token was copied. ${anotherToken}`,
  );
}

function tokenUsed({ clusterId }: JoinToken): Refusal {
  return new Refusal("token-used", `this join token of cluster ${clusterId} has been used already: it enrols one node, once`, anotherToken);
}

function tokenExpired({ expiresAt }: JoinToken): Refusal {
  return new Refusal("token-expired", `this join token has expired: it was valid until ${expiresAt}`, anotherToken);
}
