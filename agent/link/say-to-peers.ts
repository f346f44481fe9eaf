import { setTimeout as sleep } from "node:timers/promises";
import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterNode } from "../../shared/domain/membership/cluster-document.ts";
import type { NodeIdentity } from "./identity.ts";
import type { LanMembers } from "./lan-members.ts";
import { type MqttPeerLink, openMqttPeerLink } from "./mqtt-peer-link.ts";

export interface SayToPeersOptions {
  readonly identity: NodeIdentity;
  readonly members: LanMembers;
  readonly payloads: readonly Uint8Array[];
  /** Peers that cannot be reached in this time are left out. */
  readonly patienceMs: number;
}

/**
 * Says something once, to all peers at the same time, over connections made for it alone: for a process that has none of its own. Each
 * connection takes the place of one that the agent still has to that peer. Resolves with the peers that have been told.
 */
export async function sayToPeers({ identity, members, payloads, patienceMs }: SayToPeersOptions): Promise<readonly NodeId[]> {
  const told: NodeId[] = [];
  const links: MqttPeerLink[] = [];
  const say = async (peer: ClusterNode): Promise<void> => {
    const connected = Promise.withResolvers<void>();
    const link = openMqttPeerLink({
      peer,
      identity,
      members,
      onConnected: connected.resolve,
      onClosed: () => {},
      // Whoever stands in a peer's place is not told, and its own agent says so.
      onRefused: () => {},
    });
    links.push(link);
    await connected.promise;
    for (const payload of payloads) link.send(payload);
    await link.finish();
    told.push(peer.nodeId);
  };
  await Promise.race([Promise.all(members.peers.map(say)), sleep(patienceMs, undefined, { ref: false })]);
  for (const link of links) link.close();
  return told;
}
