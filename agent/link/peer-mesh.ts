import type { NodeId, PathName } from "../../shared/domain/ids.ts";
import { newestFingerprint } from "../../shared/domain/membership/certificates.ts";
import type { LanPath } from "../../shared/domain/membership/lan-path.ts";
import type { Member } from "../../shared/domain/membership/members.ts";
import type { LanMembers } from "./lan-members.ts";
import type { OwnCertificates } from "./own-certificates.ts";
import type { PeerLink } from "./peer-link.ts";

/** What the mesh asks of each link that it opens. */
export interface LinkTerms {
  /** The link before serves: there is time to be known by the newest certificate. */
  readonly isSpare: () => boolean;
  readonly onConnected: () => void;
  /** The connection was there, and closed. */
  readonly onClosed: () => void;
}

export interface PeerMeshOptions {
  readonly members: LanMembers;
  readonly own: OwnCertificates;
  readonly open: (peer: Member, path: LanPath, terms: LinkTerms) => PeerLink;
  /** The connection to a peer was there, and closed: not told of one whose successor was on its way. */
  readonly onClosed: (peer: NodeId, path: PathName) => void;
}

/** A way to a peer, while certificates change with the link before, which serves until its successor does. */
interface Way {
  /** The certificate that the peer is asked to show. */
  readonly theirs: string;
  link: PeerLink;
  before: PeerLink | null;
}

/**
 * A link by every path to every other node of the current document: full mesh, so that losing any node or network costs nothing. What is said
 * to a peer goes out on all its links at once, leases as well as heartbeats: nobody has to notice first that one of them is dead.
 */
export class PeerMesh {
  readonly #options: PeerMeshOptions;
  readonly #ways = new Map<NodeId, readonly Way[]>();

  constructor(options: PeerMeshOptions) {
    this.#options = options;
    this.membersChanged();
  }

  /** Nothing happens where there is no such peer, or no connection to it. */
  send(to: NodeId, payload: Uint8Array): void {
    for (const { link, before } of this.#ways.get(to) ?? []) {
      link.send(payload);
      before?.send(payload);
    }
  }

  /** Closes the links to nodes that are gone or have moved, and opens those that are new. Where only certificates have changed, a link goes on until its successor does. */
  membersChanged(): void {
    const { members } = this.#options;
    const peers = new Map(members.peers.map((peer) => [peer.nodeId, peer]));
    for (const [nodeId, ways] of this.#ways) {
      const peer = peers.get(nodeId);
      const paths = peer === undefined ? [] : members.pathsTo(peer);
      const kept = ways.filter(({ link }) => peer !== undefined && paths.some((path) => isSameWay(link, peer, path)));
      for (const way of ways) if (!kept.includes(way)) closeWay(way);
      this.#ways.set(nodeId, kept);
      if (peer === undefined) this.#ways.delete(nodeId);
    }
    for (const peer of peers.values()) {
      const ways = this.#ways.get(peer.nodeId) ?? [];
      const missing = members.pathsTo(peer).filter((path) => !ways.some(({ link }) => isSameWay(link, peer, path)));
      const renewed = ways.map((way) => (this.#isCurrent(way, peer) ? way : this.#succeed(way, peer)));
      this.#ways.set(peer.nodeId, [...renewed, ...missing.map((path) => this.#open(peer, path, null))]);
    }
  }

  close(): void {
    for (const ways of this.#ways.values()) for (const way of ways) closeWay(way);
    this.#ways.clear();
  }

  #isCurrent({ link, before, theirs }: Way, peer: Member): boolean {
    if (theirs !== newestFingerprint(peer)) return false;
    // What has not come about yet shows the newest by itself.
    return before !== null || !link.isConnected || link.shown === this.#options.own.inUse.certificateSha256;
  }

  #succeed(way: Way, peer: Member): Way {
    const serving = way.before !== null && !way.link.isConnected ? way.before : way.link;
    if (serving === way.before) way.link.close();
    else way.before?.close();
    return this.#open(peer, way.link.path, serving);
  }

  #open(peer: Member, path: LanPath, before: PeerLink | null): Way {
    const { own, open, onClosed } = this.#options;
    const way: Omit<Way, "link"> & { link: PeerLink | null } = { theirs: newestFingerprint(peer), link: null, before };
    way.link = open(peer, path, {
      isSpare: () => way.before?.isConnected === true,
      onConnected: () => {
        way.before?.close();
        way.before = null;
        // The peer has not heard of the newest certificate yet, and took another one.
        if (way.link?.shown !== own.inUse.certificateSha256) this.membersChanged();
      },
      onClosed: () => {
        const isSucceeded = (this.#ways.get(peer.nodeId) ?? []).some((other) => other.before === way.link && other.link !== way.link);
        if (!isSucceeded) onClosed(peer.nodeId, path.name);
      },
    });
    return way as Way;
  }
}

function closeWay({ link, before }: Way): void {
  link.close();
  before?.close();
}

function isSameWay(link: PeerLink, peer: Member, path: LanPath): boolean {
  return link.peer.heartbeatPort === peer.heartbeatPort && link.path.name === path.name && link.path.host === path.host;
}
