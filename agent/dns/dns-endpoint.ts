import type { Socket } from "node:net";
import { openUdpAndTcp } from "../answers/udp-and-tcp.ts";
import { dnsPort } from "../link/listen-error.ts";
import { AskRate } from "./ask-rate.ts";
import { readQuery } from "./dns-query.ts";
import { encodeResponse } from "./dns-response.ts";
import { framed } from "./dns-wire.ts";
import { replyTo, type ZoneContents } from "./zone-reply.ts";

const connectionsMax = 64;
/** Resolvers that come over TCP ask at once. */
const idleTimeoutMs = 5_000;
/** A question with a name of full length, EDNS and a signature needs less. */
const questionBytesMax = 1_024;
/** Of answers that a connection's other end has not taken yet. */
const unsentBytesMax = 64 * 1_024;

/** Of one address. A resolver that keeps answers for seconds asks far less; whoever asks more is used by somebody for a flood. */
const questionsPerSecondMax = 500;

export interface DnsEndpointOptions {
  readonly addresses: readonly string[];
  readonly port: number;
  readonly contents: () => ZoneContents;
  readonly nowMs: () => number;
}

/** The name server of the zones of `dns-answer` resources, over UDP and TCP. Throws `AgentError` ("port-unavailable") where it cannot listen. */
export async function openDnsEndpoint({ addresses, port, contents, nowMs }: DnsEndpointOptions): Promise<{ close(): Promise<void> }> {
  const rate = new AskRate(nowMs, questionsPerSecondMax);
  const opened: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const endpoint of opened) await endpoint.close();
  };
  try {
    for (const host of addresses)
      opened.push(
        await openUdpAndTcp({
          host,
          port,
          ...dnsPort,
          connectionsMax,
          onDatagram: (bytes, from, udp) => {
            const answer = rate.allows(from.address) ? answerTo(bytes, contents(), "udp") : null;
            // Whoever cannot be reached asks again: nobody here waits for it.
            if (answer !== null) udp.send(answer, from.port, from.address, () => {});
          },
          onConnection: (socket) => serve(socket, contents),
        }),
      );
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

function answerTo(bytes: Buffer, contents: ZoneContents, transport: "udp" | "tcp"): Buffer | null {
  const query = bytes.length > questionBytesMax ? null : readQuery(bytes);
  return query === null ? null : encodeResponse(query, replyTo(query, contents), transport);
}

/** One question after the other, each with its length before it. Whoever does not keep to that is disconnected. */
function serve(socket: Socket, contents: () => ZoneContents): void {
  let received = Buffer.alloc(0);
  socket.setTimeout(idleTimeoutMs, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 2) {
      const length = received.readUInt16BE(0);
      if (length > questionBytesMax || socket.writableLength > unsentBytesMax) return void socket.destroy();
      if (received.length < 2 + length) return;
      const answer = answerTo(received.subarray(2, 2 + length), contents(), "tcp");
      if (answer === null) return void socket.destroy();
      received = received.subarray(2 + length);
      socket.write(framed(answer));
    }
  });
}
