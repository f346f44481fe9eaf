import { CompactSign, type CryptoKey, exportJWK, generateKeyPair, type JSONWebKeySet } from "jose";
import type { NextCertificate } from "../../shared/domain/membership/certificates.ts";
import type { ClusterDocument, ClusterNode, Witness } from "../../shared/domain/membership/cluster-document.ts";
import { clusterDocumentSchema } from "../../shared/protocol/cluster-document-schema.ts";
import { signatureAlgorithm, signedTypes } from "../../shared/protocol/signatures.ts";

export const testClusterId = "clus_00000000000000000001";
export const testCustomerId = "cust_00000000000000000001";

export function testNodeId(number: number): string {
  return `node_${String(number).padStart(20, "0")}`;
}

/** Stands for the control plane's key where a test needs signed documents and no cloud. */
export class ClusterSigner {
  readonly #key: CryptoKey;
  readonly keys: JSONWebKeySet;

  private constructor(key: CryptoKey, keys: JSONWebKeySet) {
    this.#key = key;
    this.keys = keys;
  }

  static async create(): Promise<ClusterSigner> {
    const { privateKey, publicKey } = await generateKeyPair(signatureAlgorithm, { extractable: true });
    return new ClusterSigner(privateKey, { keys: [{ ...(await exportJWK(publicKey)), kid: "test", alg: signatureAlgorithm }] });
  }

  sign(document: unknown, typ: string = signedTypes.document): Promise<string> {
    return new CompactSign(new TextEncoder().encode(JSON.stringify(document)))
      .setProtectedHeader({ alg: signatureAlgorithm, kid: "test", typ })
      .sign(this.#key);
  }
}

export function testNode(number: number, certificateSha256: string, ports: { heartbeat: number; replication: number }): ClusterNode {
  return {
    nodeId: testNodeId(number) as ClusterNode["nodeId"],
    name: `node-${"abcdefgh"[number - 1]}`,
    role: number === 1 ? "primary" : "secondary",
    host: "127.0.0.1",
    heartbeatPort: ports.heartbeat,
    replicationPort: ports.replication,
    certificateSha256,
    voting: true,
  };
}

/** Beside a member's present one from version 2 on. That the member has signed for it is not true, and looked at where documents are taken. */
export function testNextCertificate(sha256: string): NextCertificate {
  const term = { from: "2026-11-01T00:00:00.000Z", until: "2027-01-30T00:00:00.000Z" };
  return { sha256, term, sinceVersion: 2, since: term.from, vouched: { certificate: "", signature: "" } };
}

/** A cluster whose default group runs the service `sample` and prefers the nodes in their order. */
export function testDocument(nodes: readonly ClusterNode[], changes: Partial<ClusterDocument> = {}): ClusterDocument {
  return clusterDocumentSchema.parse({
    schema: 1,
    customerId: testCustomerId,
    clusterId: testClusterId,
    name: "Test cluster",
    version: 1,
    issuedAt: "2026-11-21T00:00:00.000Z",
    nodes,
    groups: [
      {
        name: "default",
        order: nodes.map(({ nodeId }) => nodeId),
        resources: [{ kind: "service", name: "sample" }],
        failback: { mode: "manual" },
      },
    ],
    dataSets: [],
    timing: "default",
    ...changes,
  });
}

/** Two data sets with as many local tables as there may be, and names of one length: by it a document grows to any size. */
export function manyLocalTables(nameLength: number): ClusterDocument["dataSets"] {
  const local = Array.from({ length: 1_000 }, (_, index) => String(index).padStart(nameLength, "x"));
  return ["one", "two"].map((name) => ({ kind: "sqlite", name, local }));
}

/** An agent that votes and nothing else. */
export function testWitness({ nodeId, host, heartbeatPort, certificateSha256 }: ClusterNode): Witness {
  return { kind: "agent", nodeId, name: "witness", voting: true, host, heartbeatPort, certificateSha256 };
}
