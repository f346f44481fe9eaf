import { isIP } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { ErrorWithReasonCode, MqttClient } from "mqtt";
import { newestFingerprint } from "../../shared/domain/membership/certificates.ts";
import type { LanPath } from "../../shared/domain/membership/lan-path.ts";
import type { Member } from "../../shared/domain/membership/members.ts";
import { lanClientId, lanTopics } from "../../shared/protocol/topics.ts";
import { fingerprint } from "./identity.ts";
import type { LanMembers } from "./lan-members.ts";
import { certificateName, type OwnCertificates } from "./own-certificates.ts";
import type { PeerLink } from "./peer-link.ts";

/** Reconnects are cheap on a LAN and every one may end an outage; the jitter keeps nodes from knocking in step. */
const reconnectMs = { least: 60, jitter: 60, spare: 5_000 } as const;
/** After so many a peer has not heard of a certificate for a while: it may wait for somebody to say so there. */
const spareAttempts = 20;
const connectTimeoutMs = 1_000;
/** Whole seconds, as MQTT has it. Only tidies up: silence is judged by heartbeats, far sooner. */
const keepaliveSeconds = 2;
/** MQTT's "not authorized": a peer's broker answers so where another agent with this node's identity is connected already. */
const notAuthorized = 5;
/** What waits for a peer that reads nothing is old news: beyond this, new messages are dropped. */
const waitingBytesMax = 64 * 1_024;

export interface MqttPeerLinkOptions {
  readonly peer: Member;
  readonly path: LanPath;
  readonly own: OwnCertificates;
  /** Another link to this peer serves meanwhile: there is time to be known by the newest certificate. Absent: none does. */
  readonly isSpare?: () => boolean;
  readonly members: LanMembers;
  /** Which run of this node's agent it is, by which peers tell a copy of this machine from it; absent where somebody else speaks in the agent's name. */
  readonly run?: string;
  readonly onConnected?: () => void;
  /** The connection to this peer was there, and closed. */
  readonly onClosed: () => void;
  readonly onRefused: (reason: string) => void;
}

export interface MqttPeerLink extends PeerLink {
  /** Closes when everything that was sent is out, or the connection is gone. */
  finish(): Promise<void>;
}

/** A connection to one peer's broker by one path, made again as long as the link is open. */
export function openMqttPeerLink(options: MqttPeerLinkOptions): MqttPeerLink {
  const { peer, path, own, isSpare = () => false, members, run, onConnected, onClosed, onRefused } = options;
  const topic = lanTopics.from(members.clusterId, members.self);
  let attempts = 0;
  let shown = own.inUse;
  const openStream = () => {
    // In turn until the peer takes one: it may not have heard of the newest yet, or not know an older one any more.
    const offered = own.identities;
    shown = (isSpare() ? undefined : offered[attempts % offered.length]) ?? own.inUse;
    attempts += 1;
    const socket = tlsConnect({
      host: path.host,
      port: peer.heartbeatPort,
      ...ownEnd(members, peer, path),
      secureContext: own.contextFor(shown),
      servername: certificateName(newestFingerprint(peer)),
      // Certificates are self-signed; which one is right stands in the cluster document.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
    socket.setNoDelay(true);
    socket.on("secureConnect", () => {
      const theirs = fingerprint(socket.getPeerCertificate().raw);
      if (members.isOf(peer.nodeId, theirs)) return;
      onRefused(
        `${peer.name} (${path.host}:${peer.heartbeatPort}) shows a certificate (SHA-256 ${theirs}) that is not its own in cluster document ${members.document.version}`,
      );
      socket.destroy();
    });
    return socket;
  };
  const client = new MqttClient(openStream, {
    clientId: lanClientId(members.self, path.name),
    ...(run === undefined ? {} : { username: run }),
    clean: true,
    keepalive: keepaliveSeconds,
    reschedulePings: true,
    queueQoSZero: false,
    connectTimeout: connectTimeoutMs,
    reconnectPeriod: reconnectSoonMs(),
    reconnectOnConnackError: true,
    resubscribe: false,
  });
  let wasConnected = false;
  client.on("connect", () => {
    wasConnected = true;
    attempts = 0;
    onConnected?.();
  });
  client.on("close", () => {
    if (wasConnected) onClosed();
    wasConnected = false;
    client.options.reconnectPeriod = isSpare() && attempts > spareAttempts ? reconnectMs.spare : reconnectSoonMs();
  });
  // A peer that is away is a normal state, told by silence; mqtt.js goes on connecting.
  client.on("error", (error) => {
    if (!(error instanceof ErrorWithReasonCode) || error.code !== notAuthorized) return;
    onRefused(
      `${peer.name} turned this node away: another run of this node's agent is connected to it and alive. If that goes on, one of two machines has a copy of the other's disk; stop it, and enrol it anew`,
    );
  });
  return {
    peer,
    path,
    get isConnected() {
      return client.connected;
    },
    get shown() {
      return shown.certificateSha256;
    },
    send: (payload) => {
      if (client.connected && client.stream.writableLength <= waitingBytesMax) client.publish(topic, Buffer.from(payload), { qos: 0 });
    },
    finish: async () => {
      wasConnected = false;
      await client.endAsync();
    },
    close: () => {
      wasConnected = false;
      client.end(true);
    },
  };
}

function reconnectSoonMs(): number {
  return Math.round(reconnectMs.least + Math.random() * reconnectMs.jitter);
}

/** Where there are several paths each goes out from this node's own address on it: else one network could stand in for another unseen. */
function ownEnd(members: LanMembers, peer: Member, path: LanPath): { readonly localAddress?: string } {
  const own = members.ownHostOn(path.name);
  return own !== undefined && isIP(own) !== 0 && members.pathsTo(peer).length > 1 ? { localAddress: own } : {};
}
