import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument, ClusterNode } from "../../shared/domain/membership/cluster-document.ts";
import type { NodeIdentity } from "./identity.ts";
import { LanMembers } from "./lan-members.ts";
import { OwnCertificates } from "./own-certificates.ts";
import { sayToPeers } from "./say-to-peers.ts";

/** Longer than it takes where nothing on `lo` is in its way; where something is, the first real time is slower, and that is all. */
const patienceMs = 1_000;
const loopback = "127.0.0.1";
/** MQTT's answer to whoever connects: accepted. */
const connectionAccepted = Uint8Array.of(0x20, 2, 0, 0);

/**
 * Says something to itself, as `sayToPeers` would to others, and hears it out on a port of its own on loopback. What has to be loaded and
 * compiled for a process's first TLS connection takes ten times as long as the connection: here it is done while nobody waits. False where
 * that did not come about, which harms nobody; rejects where it cannot listen.
 */
export async function rehearseSaying(identity: NodeIdentity, document: ClusterDocument): Promise<boolean> {
  const { keyPem: key, certificatePem: cert, certificateSha256 } = identity;
  const listener = createServer({ key, cert, requestCert: true, rejectUnauthorized: false, minVersion: "TLSv1.3" }, (socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", () => socket.write(connectionAccepted));
  });
  listener.on("error", () => listener.close());
  listener.listen(0, loopback);
  await once(listener, "listening");
  const { port: heartbeatPort } = listener.address() as AddressInfo;
  const other: ClusterNode = {
    nodeId: "rehearsal" as NodeId,
    name: "rehearsal",
    role: "secondary",
    voting: false,
    host: loopback,
    heartbeatPort,
    replicationPort: 0,
    certificateSha256,
  };
  const { witness: _, ...rest } = document;
  const members = new LanMembers("itself" as NodeId, { ...rest, nodes: [other] });
  const told = await sayToPeers({
    own: new OwnCertificates([identity]),
    members,
    payloads: Promise.resolve([Uint8Array.of(0)]),
    patienceMs,
  });
  listener.close();
  return told.length > 0;
}
