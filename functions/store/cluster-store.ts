import type { ClusterId, CustomerId, NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { Membership } from "../../shared/domain/membership/membership-change.ts";

export interface StoredCluster {
  readonly document: ClusterDocument;
  /** Compact JWS of exactly this document. */
  readonly signed: string;
  /**
   * Memberships that some nodes may still be acting on, oldest first; the last is the document's own. A new one must
   * overlap with all of them (membership-change.ts).
   */
  readonly memberships: readonly Membership[];
  /** The newest document that needs no word of the cluster's approver any more, while `document` waits for that; absent: `document` itself. */
  readonly approved?: ClusterDocument;
}

export type SaveResult = { readonly saved: true } | { readonly saved: false; readonly currentVersion: number };

/** Cluster documents, one item each. Rejects with `StoreUnavailableError` only. */
export interface ClusterStore {
  /** Keeps the first version of a new cluster. Not saved where the cluster is there already, or was removed: an id is never used again. */
  add(cluster: StoredCluster): Promise<SaveResult>;
  /** Replaces version `document.version - 1`, and no other: a lost race is told with the version that is there now (0: no such cluster). */
  replace(cluster: StoredCluster): Promise<SaveResult>;
  /** Strongly consistent. One that was removed is not there (removal-store.ts). */
  find(clusterId: ClusterId): Promise<StoredCluster | undefined>;
  /** Clusters of one customer, by id. Eventually consistent. */
  listOfCustomer(customerId: CustomerId): Promise<readonly StoredCluster[]>;

  /**
   * Remembers whose certificate this is, before the document names it: a connection finds its cluster by it. The document alone decides
   * whether the certificate counts. Idempotent.
   */
  addCertificate(certificateSha256: string, owner: CertificateOwner): Promise<void>;
  findByCertificate(certificateSha256: string): Promise<CertificateOwner | undefined>;
}

export interface CertificateOwner {
  readonly clusterId: ClusterId;
  readonly nodeId: NodeId;
}
