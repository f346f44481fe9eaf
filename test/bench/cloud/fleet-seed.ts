import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import type { DocumentSigner } from "../../../functions/dependencies.ts";
import { openDataDirectory } from "../../../functions/embedded/data-directory.ts";
import { loadKeyFileSigner } from "../../../functions/embedded/key-file-signer.ts";
import { dynamoStores } from "../../../functions/store/dynamo-stores.ts";
import type { Stores } from "../../../functions/store/stores.ts";
import { newCloudWitness } from "../../../functions/use-cases/choose-cloud-witness.ts";
import { randomId } from "../../../functions/use-cases/random-id.ts";
import type { ClusterId, CustomerId, GroupName, NodeId } from "../../../shared/domain/ids.ts";
import type { ClusterDocument, ClusterNode } from "../../../shared/domain/membership/cluster-document.ts";
import { firstVotes } from "../../../shared/domain/witness/cloud-votes.ts";
import { signedTypes } from "../../../shared/protocol/signatures.ts";
import { sampleSummary } from "../../functions/console/sample-cluster.ts";
import { newIdentity } from "../../functions/control-plane.ts";
import { type BatchingTable, openBatchingTable } from "../../functions/fleet/batching-table.ts";

/** A node of the simulated fleet, as its agent would know itself. */
export interface FleetNode {
  readonly clusterId: ClusterId;
  readonly nodeId: NodeId;
  readonly peerId: NodeId;
  readonly witnessId: NodeId;
  readonly certificatePem: string;
  readonly certificateSha256: string;
}

export interface Fleet {
  readonly nodes: readonly FleetNode[];
  /** Of every node: keys of their own would only take longer to make. */
  readonly keyPem: string;
}

const summaryForm = 1;
const clustersPerCustomer = 25;

/** Fills the data directory of a control plane that does not run with clusters of two nodes, the control plane their witness, as if all of them had enrolled long ago. */
export async function seedFleet(dataDir: string, nodes: number, onProgress: (clusters: number) => void): Promise<Fleet> {
  await using opened = new AsyncDisposableStack();
  const directory = await openDataDirectory(dataDir);
  opened.defer(() => directory.close());
  const { table, close } = await openBatchingTable(join(directory.path, "database"));
  opened.defer(close);
  return await writeFleet({ table, signer: await loadKeyFileSigner(directory) }, nodes, onProgress);
}

/** The same into a table that is open already. */
export async function writeFleet(
  { table, signer }: { readonly table: BatchingTable; readonly signer: DocumentSigner },
  nodes: number,
  onProgress: (clusters: number) => void,
): Promise<Fleet> {
  const stores = dynamoStores(table);
  const template = await newIdentity({ notAfterMs: Date.now() + 365 * 86_400_000 });
  const certificate = certificates(template.certificatePem);
  const made: FleetNode[] = [];
  for (let first = 0; first < nodes / 2; first += clustersPerCustomer) {
    const customerId = randomId("cust");
    await stores.customers.add({ customerId, name: `Customer ${first / clustersPerCustomer + 1}`, createdAt: new Date().toISOString() });
    const count = Math.min(clustersPerCustomer, nodes / 2 - first);
    const numbers = Array.from({ length: count }, (_, index) => first + index);
    const pairs = await Promise.all(numbers.map((number) => addPair({ stores, signer }, { customerId, number, certificate })));
    made.push(...pairs.flat());
    await table.flush();
    onProgress(first + count);
  }
  await stores.summaries.noteComplete(summaryForm);
  await table.flush();
  return { nodes: made, keyPem: template.keyPem };
}

interface Pair {
  readonly customerId: CustomerId;
  readonly number: number;
  readonly certificate: () => { readonly pem: string; readonly sha256: string };
}

async function addPair(
  { stores, signer }: { readonly stores: Stores; readonly signer: DocumentSigner },
  { customerId, number, certificate }: Pair,
): Promise<FleetNode[]> {
  const clusterId = randomId("clus");
  const owned = ["a", "b"].map((letter, index) => {
    const { pem, sha256 } = certificate();
    const node: ClusterNode = {
      nodeId: randomId("node"),
      name: `node-${letter}`,
      role: index === 0 ? "primary" : "secondary",
      voting: true,
      host: `10.${number >> 8}.${number & 255}.${index + 1}`,
      heartbeatPort: 7_000,
      replicationPort: 7_001,
      certificateSha256: sha256,
    };
    return { node, pem };
  });
  const members = owned.map(({ node }) => node);
  const before: ClusterDocument = {
    schema: 1,
    customerId,
    clusterId,
    name: `Site ${number}`,
    version: 5,
    issuedAt: new Date(Date.now() - 86_400_000).toISOString(),
    nodes: members,
    groups: [{ name: "default" as GroupName, order: members.map(({ nodeId }) => nodeId), resources: [], failback: { mode: "manual" } }],
    dataSets: [{ kind: "sqlite", name: "application", local: [] }],
    timing: "default",
  };
  const witness = { ...newCloudWitness(before), voting: true };
  await stores.witness.begin(clusterId, firstVotes(witness.nodeId));
  const document = { ...before, witness };
  const voters = [...members.map(({ nodeId }) => nodeId), witness.nodeId];
  for (const { node } of owned) await stores.clusters.addCertificate(node.certificateSha256, { clusterId, nodeId: node.nodeId });
  await stores.clusters.add({ document, signed: await signer.sign(signedTypes.document, document), memberships: [{ version: 5, voters }] });
  await stores.summaries.save({ summary: sampleSummary({ document, reports: [], presence: [], events: [] }), version: 1 });
  return owned.map(({ node, pem }, index) => ({
    clusterId,
    nodeId: node.nodeId,
    peerId: owned[1 - index]?.node.nodeId ?? node.nodeId,
    witnessId: witness.nodeId,
    certificatePem: pem,
    certificateSha256: node.certificateSha256,
  }));
}

/** One certificate, each time with another serial number: the broker looks at the fingerprint, and nobody checks by whom a self-signed one was signed. */
function certificates(templatePem: string): () => { readonly pem: string; readonly sha256: string } {
  const der = Buffer.from(templatePem.replaceAll(/-----[A-Z ]+-----|\s/g, ""), "base64");
  // The first INTEGER behind the version is the serial number.
  const at = der.indexOf(Buffer.from([0xa0, 0x03, 0x02, 0x01, 0x02, 0x02])) + 6;
  const length = der[at] ?? 0;
  return () => {
    const own = Buffer.from(der);
    // Its first two bytes stay: they say that it is positive, and written as shortly as it can be.
    randomBytes(length - 2).copy(own, at + 3);
    const pem = `-----BEGIN CERTIFICATE-----\n${own.toString("base64")}\n-----END CERTIFICATE-----\n`;
    return { pem, sha256: createHash("sha256").update(own).digest("hex") };
  };
}
