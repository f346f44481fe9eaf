import type { ClusterId, NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument, ClusterNode } from "../../shared/domain/membership/cluster-document.ts";

/** Who is who on the LAN, by the current cluster document: asked at every connect, told of every change. */
export class LanMembers {
  readonly self: NodeId;
  #document: ClusterDocument;

  constructor(self: NodeId, document: ClusterDocument) {
    this.self = self;
    this.#document = document;
  }

  get clusterId(): ClusterId {
    return this.#document.clusterId;
  }

  get document(): ClusterDocument {
    return this.#document;
  }

  get peers(): readonly ClusterNode[] {
    return this.#document.nodes.filter((node) => node.nodeId !== this.self);
  }

  replace(document: ClusterDocument): void {
    this.#document = document;
  }

  /** The other node whose certificate has this fingerprint; null where it is nobody's (any more). */
  peerByFingerprint(certificateSha256: string): NodeId | null {
    return this.peers.find((node) => node.certificateSha256 === certificateSha256)?.nodeId ?? null;
  }

  fingerprintOf(peer: NodeId): string | null {
    return this.peers.find((node) => node.nodeId === peer)?.certificateSha256 ?? null;
  }
}
