import { isIP } from "node:net";
import { createSecureContext, connect as tlsConnect } from "node:tls";
import { ErrorWithReasonCode, MqttClient } from "mqtt";
import type { LanPath } from "../../shared/domain/membership/lan-path.ts";
import type { Member } from "../../shared/domain/membership/members.ts";
import { lanClientId, lanTopics } from "../../shared/protocol/topics.ts";
import { fingerprint, type NodeIdentity } from "./identity.ts";
import type { LanMembers } from "./lan-members.ts";
import type { PeerLink } from "./peer-link.ts";

/** Reconnects are cheap on a LAN and every one may end an outage; the jitter keeps nodes from knocking in step. */
const reconnectMs = { least: 60, jitter: 60 } as const;
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
  readonly identity: NodeIdentity;
  readonly members: LanMembers;
  /** Which run of this node's agent it is, by which peers tell a copy of this machine from it; absent where somebody else speaks in the agent's name. */
  readonly run?: string;
  readonly onConnected?: () => void;
  /** The connection to this peer was there, and closed. */
  readonly onClosed: () => void;
  readonly onRefused: (reason: string) => void;
}

export interface MqttPeerLink extends PeerLink {
  readonly isConnected: boolean;
  /** Closes when everything that was sent is out, or the connection is gone. */
  finish(): Promise<void>;
}

/** A connection to one peer's broker by one path, made again as long as the link is open. */
export function openMqttPeerLink(options: MqttPeerLinkOptions): MqttPeerLink {
  const { peer, path, identity, members, run, onConnected, onClosed, onRefused } = options;
  const topic = lanTopics.from(members.clusterId, members.self);
  // Once: reading the key again for every knock at a silent peer's door would cost the control loop time.
  const secureContext = createSecureContext({ key: identity.keyPem, cert: identity.certificatePem, minVersion: "TLSv1.3" });
  const openStream = () => {
    const socket = tlsConnect({
      host: path.host,
      port: peer.heartbeatPort,
      ...ownEnd(members, peer, path),
      secureContext,
      // Certificates are self-signed; which one is right stands in the cluster document.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
    socket.setNoDelay(true);
    socket.on("secureConnect", () => {
      const shown = fingerprint(socket.getPeerCertificate().raw);
      if (shown === members.fingerprintOf(peer.nodeId)) return;
      onRefused(
        `${peer.name} (${path.host}:${peer.heartbeatPort}) shows a certificate (SHA-256 ${shown}) that is not its own in cluster document ${members.document.version}`,
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
    reconnectPeriod: Math.round(reconnectMs.least + Math.random() * reconnectMs.jitter),
    reconnectOnConnackError: true,
    resubscribe: false,
  });
  let wasConnected = false;
  client.on("connect", () => {
    wasConnected = true;
    onConnected?.();
  });
  client.on("close", () => {
    if (wasConnected) onClosed();
    wasConnected = false;
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

/** Where there are several paths each goes out from this node's own address on it: else one network could stand in for another unseen. */
function ownEnd(members: LanMembers, peer: Member, path: LanPath): { readonly localAddress?: string } {
  const own = members.ownHostOn(path.name);
  return own !== undefined && isIP(own) !== 0 && members.pathsTo(peer).length > 1 ? { localAddress: own } : {};
}
