import { rm } from "node:fs/promises";
import type { EnrolRequest } from "../../shared/protocol/api-contract.ts";
import { AgentError } from "../agent-error.ts";
import type { AgentSettings } from "../config/agent-settings.ts";
import { type NodeIdentity, proveKey, readNextIdentity } from "../link/identity.ts";
import { freshNextIdentity } from "../link/make-identity.ts";
import { takeNextIdentity } from "../link/take-next-identity.ts";
import type { DataPaths } from "../storage/data-directory.ts";
import { writeDurably } from "../storage/durable-file.ts";
import { type EnrolledNode, writeEnrolledNode } from "./enrolled-node.ts";
import { checkResponse, postEnrolment, readToken } from "./enrolment.ts";
import { openPinnedHttps } from "./pinned-https.ts";

export interface RenewOptions {
  readonly token: string;
  readonly settings: AgentSettings;
  readonly paths: DataPaths;
  /** As what it is enrolled; that stays. */
  readonly node: EnrolledNode;
}

/**
 * Gives a node that is enrolled another certificate, with a token that was made for it: where the present one has expired, or its key is lost. What the
 * node has promised and holds stays. Throws `AgentError`; the same command may be repeated.
 */
export async function renewIdentity({ token: text, settings, paths, node }: RenewOptions): Promise<NodeIdentity> {
  const token = readToken(text);
  if (token.clusterId !== node.clusterId) {
    const message = `This server is node ${node.name} of cluster ${node.clusterId}; the token is for ${token.clusterId}.`;
    throw new AgentError("enrolled-elsewhere", message, "Make a token for this node in the console.");
  }
  const cloud = await openPinnedHttps(token.apiUrl, token.apiCaSha256);
  const identity = await freshNextIdentity(paths, await readNextIdentity(paths), settings.certificate.lifeDays, Date.now());
  const { host, heartbeatPort, replicationPort } = settings.listen;
  const request: EnrolRequest = {
    tokenSecret: token.secret,
    nodeId: node.nodeId,
    name: node.name,
    host,
    heartbeatPort,
    replicationPort,
    certificatePem: identity.certificatePem,
    proof: proveKey(identity, token.secret),
  };
  const response = await postEnrolment(cloud, request);
  // By the keys that it has believed since it was enrolled: whoever answers with others is not its control plane.
  await checkResponse({ ...response, nodeId: node.nodeId, signingKeys: node.signingKeys }, token, identity);
  await writeDurably(paths.clusterDocument, response.document);
  // Somebody here has said so: this document's members are the ones to remember.
  await rm(paths.memberMemory, { force: true });
  // The token may have led to another address, or to a control plane with another authority: whoever brought it has said so, and it has signed with the same key.
  await writeEnrolledNode(paths.identity, { ...node, apiUrl: token.apiUrl, cloud: response.cloud });
  await takeNextIdentity(paths);
  return identity;
}
