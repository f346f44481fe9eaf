import { randomBytes } from "node:crypto";
import type { Socket as UdpSocket } from "node:dgram";
import type { Socket } from "node:net";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { sipPort } from "../link/listen-error.ts";
import type { GroupStandings } from "./group-standing.ts";
import { readSipRequest, responsePort, type SipAnswer, type SipPeer, sipBytesMax, sipResponse } from "./sip-message.ts";
import { openUdpAndTcp } from "./udp-and-tcp.ts";

const connectionsMax = 64;
/** A trunk asks every minute or so; who says nothing for this long is gone. */
const idleTimeoutMs = 300_000;
const retryAfterSeconds = 5;

export interface SipEndpointOptions {
  readonly host: string;
  readonly port: number;
  readonly document: () => ClusterDocument;
  readonly standings: GroupStandings;
}

/**
 * SIP for the OPTIONS with which a PBX watches its trunks, over UDP and TCP: 200 where this node is operational for every group that has
 * a SIP answer, else 503, so that the PBX goes to its next trunk. What is no request is not answered. Throws `AgentError` ("port-unavailable").
 */
export function openSipEndpoint(options: SipEndpointOptions): Promise<{ close(): Promise<void> }> {
  const { host, port } = options;
  return openUdpAndTcp({
    host,
    port,
    ...sipPort,
    connectionsMax,
    onDatagram: (bytes, { address, port: from }, udp) => reply(udp, bytes, { address, port: from }, options),
    onConnection: (socket) => serve(socket, options),
  });
}

function reply(udp: UdpSocket, bytes: Buffer, peer: SipPeer, options: SipEndpointOptions): void {
  if (bytes.length > sipBytesMax) return;
  const [head = ""] = bytes.toString("latin1").split("\r\n\r\n", 1);
  const request = readSipRequest(head);
  const answer = request === null ? null : answerTo(request.method, options);
  if (request === null || answer === null) return;
  // Whoever cannot be reached asks again: nobody here waits for it.
  udp.send(sipResponse(request, answer, peer, newTag()), responsePort(request, peer), peer.address, () => {});
}

/** One request after the other, each as long as its Content-Length says. Whoever does not keep to that is disconnected. */
function serve(socket: Socket, options: SipEndpointOptions): void {
  let received = "";
  const peer = { address: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 };
  socket.setTimeout(idleTimeoutMs, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    received += chunk.toString("latin1");
    for (;;) {
      // Empty lines between requests keep a connection alive (RFC 5626).
      received = received.replace(/^(\r\n)+/, "");
      const headEnd = received.indexOf("\r\n\r\n");
      if (headEnd === -1) break;
      const head = received.slice(0, headEnd);
      const length = Number(/\r\n(?:content-length|l)\s*:\s*(\d{1,5})\s*(?:\r\n|$)/i.exec(head)?.[1] ?? 0);
      if (headEnd + 4 + length > sipBytesMax) return void socket.destroy();
      if (received.length < headEnd + 4 + length) break;
      received = received.slice(headEnd + 4 + length);
      const request = readSipRequest(head);
      if (request === null) return void socket.destroy();
      const answer = answerTo(request.method, options);
      if (answer !== null) socket.write(sipResponse(request, answer, peer, newTag()));
    }
    if (received.length > sipBytesMax) socket.destroy();
  });
}

/** Null where the method gets no answer of its own. */
function answerTo(method: string, { document, standings }: SipEndpointOptions): SipAnswer | null {
  if (method === "ACK") return null;
  if (method !== "OPTIONS") return { status: 405, words: "Method Not Allowed", headers: ["Allow: OPTIONS"] };
  const groups = document().groups.filter(({ resources }) => resources.some(({ kind }) => kind === "sip-answer"));
  if (groups.length > 0 && groups.every(({ name }) => standings.of(name)?.is === "operational"))
    return { status: 200, words: "OK", headers: ["Allow: OPTIONS"] };
  return { status: 503, words: "Service Unavailable", headers: [`Retry-After: ${retryAfterSeconds}`] };
}

function newTag(): string {
  return randomBytes(8).toString("hex");
}
