import { setTimeout as sleep } from "node:timers/promises";
import type { NodeId } from "../../shared/domain/ids.ts";
import type { LanPath } from "../../shared/domain/membership/lan-path.ts";
import type { Member } from "../../shared/domain/membership/members.ts";
import type { LanMembers } from "./lan-members.ts";
import { type MqttPeerLink, openMqttPeerLink } from "./mqtt-peer-link.ts";
import type { OwnCertificates } from "./own-certificates.ts";

export interface SayToPeersOptions {
  readonly own: OwnCertificates;
  readonly members: LanMembers;
  /** Connections are made meanwhile. None: nothing is said. Never rejects. */
  readonly payloads: Promise<readonly Uint8Array[]>;
  /** Peers that cannot be reached in this time are left out; counted from when there is something to say. */
  readonly patienceMs: number;
}

/**
 * Says something once, to all peers at the same time and by every path, over connections made for it alone: for a process that has none of
 * its own. Each connection takes the place of one that the agent still has to that peer. Resolves with the peers that have been told.
 */
export async function sayToPeers({ own, members, payloads, patienceMs }: SayToPeersOptions): Promise<readonly NodeId[]> {
  const told = new Set<NodeId>();
  const links: MqttPeerLink[] = [];
  const say = async (peer: Member, path: LanPath): Promise<void> => {
    const said = Promise.withResolvers<void>();
    let words: readonly Uint8Array[] = [];
    // Whichever comes last, the words or the connection; one that was lost meanwhile is made again.
    const trySaying = (): void => {
      if (words.length === 0 || !link.isConnected) return;
      for (const payload of words) link.send(payload);
      said.resolve();
    };
    const link = openMqttPeerLink({
      peer,
      path,
      own,
      members,
      onConnected: trySaying,
      onClosed: () => {},
      // Whoever stands in a peer's place is not told, and its own agent says so.
      onRefused: () => {},
    });
    links.push(link);
    words = await payloads;
    trySaying();
    await said.promise;
    await link.finish();
    told.add(peer.nodeId);
  };
  // One path that works is enough: the others may be dead.
  const sayByAnyPath = (peer: Member): Promise<void> => Promise.race(members.pathsTo(peer).map((path) => say(peer, path)));
  const everybodyTold = Promise.all(members.peers.map(sayByAnyPath));
  const { length } = await payloads;
  if (length > 0) await Promise.race([everybodyTold, sleep(patienceMs, undefined, { ref: false })]);
  for (const link of links) link.close();
  return [...told];
}
