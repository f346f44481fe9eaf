import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterNode } from "../../shared/domain/membership/cluster-document.ts";
import type { LanMembers } from "./lan-members.ts";
import type { PeerLink } from "./peer-link.ts";

/** A link to every other node of the current document: full mesh, so that losing any node costs nothing. */
export class PeerMesh {
  readonly #open: (peer: ClusterNode) => PeerLink;
  readonly #members: LanMembers;
  readonly #links = new Map<NodeId, PeerLink>();

  constructor(members: LanMembers, open: (peer: ClusterNode) => PeerLink) {
    this.#members = members;
    this.#open = open;
    this.membersChanged();
  }

  /** Nothing happens where there is no such peer, or no connection to it. */
  send(to: NodeId, payload: Uint8Array): void {
    this.#links.get(to)?.send(payload);
  }

  /** Closes the links to nodes that are gone or have moved, and opens those that are new. */
  membersChanged(): void {
    const wanted = new Map(this.#members.peers.map((peer) => [peer.nodeId, peer]));
    for (const [nodeId, link] of this.#links) {
      const peer = wanted.get(nodeId);
      if (peer !== undefined && isSameAddress(peer, link.peer)) continue;
      link.close();
      this.#links.delete(nodeId);
    }
    for (const peer of wanted.values()) {
      if (!this.#links.has(peer.nodeId)) this.#links.set(peer.nodeId, this.#open(peer));
    }
  }

  close(): void {
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
  }
}

function isSameAddress(one: ClusterNode, other: ClusterNode): boolean {
  return one.host === other.host && one.heartbeatPort === other.heartbeatPort && one.certificateSha256 === other.certificateSha256;
}
