import { createHash, verify, X509Certificate } from "node:crypto";
import type { ClusterId, NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { cloudWitnessOf } from "../../shared/domain/membership/members.ts";
import { answerNode, type CloudAnswer, type CloudQuestion } from "../../shared/domain/witness/cloud-votes.ts";
import { cloudQuestionSchema, cloudQuestionText, type SignedQuestion } from "../../shared/protocol/cloud-vote-schema.ts";
import type { Dependencies } from "../dependencies.ts";
import { isNamed } from "./authenticate-node.ts";
import type { AuthenticatedNode } from "./record-events.ts";
import { Refusal } from "./refusal.ts";

/** Questions of all a cluster's nodes for all its groups change one item: so many may come in between before this one is given up. */
const attemptsMax = 20;

/**
 * A node's question to the control plane's vote. What is answered is stored before: whoever asks the same again reads the same, whatever has become of
 * this process in between. Throws a `Refusal` where the node is not known, or its cluster has no such witness.
 */
export async function askWitness(dependencies: Dependencies, signed: SignedQuestion): Promise<CloudAnswer> {
  const question = checkedQuestion(signed);
  const certificateSha256 = checkedSigner(signed);
  const owner = await dependencies.stores.clusters.findByCertificate(certificateSha256);
  if (owner === undefined) throw unknownNode();
  // By the document that the answer is given by: a failover waits for each read.
  return answerOnce(dependencies, owner, question, (document) => isNamed(document, owner, certificateSha256, dependencies.nowMs()));
}

/** As `askWitness`, of a node that may ask where the document says so. */
export async function answerOnce(
  dependencies: Pick<Dependencies, "stores">,
  { clusterId, nodeId }: AuthenticatedNode,
  question: CloudQuestion,
  mayAsk: (document: ClusterDocument) => boolean,
): Promise<CloudAnswer> {
  const { witness } = dependencies.stores;
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    // First the votes: whoever has since told of a newer document has changed them, and this is judged anew.
    const votes = await witness.find(clusterId);
    const cluster = await dependencies.stores.clusters.find(clusterId);
    if (cluster === undefined || !mayAsk(cluster.document)) throw unknownNode();
    const { document, memberships } = cluster;
    const own = cloudWitnessOf(document);
    if (own === null) throw noWitness(clusterId);
    if (votes?.witness !== own) throw forgotten(clusterId, own);
    const votersSince = memberships.at(-1)?.version ?? document.version;
    const { votes: next, answer } = answerNode(votes, { document, votersSince }, nodeId, question);
    if (next === votes || (await witness.replace(clusterId, next))) return answer;
  }
  throw new Refusal("unavailable", `the witness's votes were changed ${attemptsMax} times in between`, "Ask again.");
}

function checkedQuestion({ question }: SignedQuestion): CloudQuestion {
  try {
    return cloudQuestionSchema.parse(JSON.parse(question));
  } catch (cause) {
    throw new Refusal("invalid-request", "the question to the witness cannot be read", "Upgrade the agent or the control plane.", {
      cause,
    });
  }
}

/** SHA-256 of the certificate (DER) whose key has signed the question. */
function checkedSigner({ question, certificatePem, signature }: SignedQuestion): string {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(certificatePem);
  } catch {
    throw unknownNode();
  }
  const key = { key: certificate.publicKey, dsaEncoding: "ieee-p1363" } as const;
  const holds =
    certificate.publicKey.asymmetricKeyType === "ec" &&
    verify("sha256", Buffer.from(cloudQuestionText(question)), key, Buffer.from(signature, "base64url"));
  if (!holds) throw unknownNode();
  return createHash("sha256").update(certificate.raw).digest("hex");
}

function unknownNode(): Refusal {
  const message = "the question is not signed by a node that a cluster document names";
  return new Refusal("not-signed-in", message, "Look in the console whether the node was removed.");
}

function noWitness(clusterId: ClusterId): Refusal {
  return new Refusal("not-found", `the control plane is no witness of cluster ${clusterId}`, "Ask by the newest cluster document.");
}

/** A voter that has forgotten its promises must not vote. */
function forgotten(clusterId: ClusterId, witness: NodeId): Refusal {
  const message = `the votes of witness ${witness} of cluster ${clusterId} are not in the store any more: it makes no promise`;
  return new Refusal("unavailable", message, "Take the control plane's vote from the cluster, and give it one again.");
}
