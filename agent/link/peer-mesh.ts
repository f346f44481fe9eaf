import type { NodeId } from "../../shared/domain/ids.ts";
import type { LanPath } from "../../shared/domain/membership/lan-path.ts";
import type { Member } from "../../shared/domain/membership/members.ts";
import type { LanMembers } from "./lan-members.ts";
import type { PeerLink } from "./peer-link.ts";

/**
 * A link by every path to every other node of the current document: full mesh, so that losing any node or network costs nothing. What is said
 * to a peer goes out on all its links at once, leases as well as heartbeats: nobody has to notice first that one of them is dead.
 */
export class PeerMesh {
  readonly #open: (peer: Member, path: LanPath) => PeerLink;
  readonly #members: LanMembers;
  readonly #links = new Map<NodeId, readonly PeerLink[]>();

  constructor(members: LanMembers, open: (peer: Member, path: LanPath) => PeerLink) {
    this.#members = members;
    this.#open = open;
    this.membersChanged();
  }

  /** Nothing happens where there is no such peer, or no connection to it. */
  send(to: NodeId, payload: Uint8Array): void {
    for (const link of this.#links.get(to) ?? []) link.send(payload);
  }

  /** Closes the links to nodes that are gone or have moved, and opens those that are new. */
  membersChanged(): void {
    const peers = new Map(this.#members.peers.map((peer) => [peer.nodeId, peer]));
    for (const [nodeId, links] of this.#links) {
      const peer = peers.get(nodeId);
      const paths = peer === undefined ? [] : this.#members.pathsTo(peer);
      const kept = links.filter((link) => peer !== undefined && paths.some((path) => isSameWay(link, peer, path)));
      for (const link of links) if (!kept.includes(link)) link.close();
      this.#links.set(nodeId, kept);
      if (peer === undefined) this.#links.delete(nodeId);
    }
    for (const peer of peers.values()) {
      const links = this.#links.get(peer.nodeId) ?? [];
      const missing = this.#members.pathsTo(peer).filter((path) => !links.some((link) => isSameWay(link, peer, path)));
      this.#links.set(peer.nodeId, [...links, ...missing.map((path) => this.#open(peer, path))]);
    }
  }

  close(): void {
    for (const links of this.#links.values()) for (const link of links) link.close();
    this.#links.clear();
  }
}

function isSameWay(link: PeerLink, peer: Member, path: LanPath): boolean {
  const { heartbeatPort, certificateSha256 } = link.peer;
  const isSameNode = heartbeatPort === peer.heartbeatPort && certificateSha256 === peer.certificateSha256;
  return isSameNode && link.path.name === path.name && link.path.host === path.host;
}
