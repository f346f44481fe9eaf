import type { ClusterId, NodeId, PathName } from "../../shared/domain/ids.ts";
import { fingerprintsOf } from "../../shared/domain/membership/certificates.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { type LanPath, pathsBetween, pathsOf } from "../../shared/domain/membership/lan-path.ts";
import { type Member, membersOf } from "../../shared/domain/membership/members.ts";

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

  get peers(): readonly Member[] {
    return membersOf(this.#document).filter((node) => node.nodeId !== this.self);
  }

  /** The ways to a peer, its first address first. */
  pathsTo(peer: Member): readonly LanPath[] {
    return pathsBetween(this.#self, peer);
  }

  /** Where the document says that this node is reached. */
  get ownPaths(): readonly LanPath[] {
    return this.#self === undefined ? [] : pathsOf(this.#self);
  }

  /** This node's own address on a path. */
  ownHostOn(path: PathName): string | undefined {
    return this.ownPaths.find(({ name }) => name === path)?.host;
  }

  get #self(): Member | undefined {
    return membersOf(this.#document).find((node) => node.nodeId === this.self);
  }

  replace(document: ClusterDocument): void {
    this.#document = document;
  }

  /** The other member whose certificate, present or next, has this fingerprint; null where it is nobody's (any more). */
  peerByFingerprint(certificateSha256: string): NodeId | null {
    return this.peers.find((node) => fingerprintsOf(node).includes(certificateSha256))?.nodeId ?? null;
  }

  /** Whether this is, or is about to be, the peer's certificate. */
  isOf(peer: NodeId, certificateSha256: string): boolean {
    return this.peerByFingerprint(certificateSha256) === peer;
  }
}
