import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { connect } from "node:net";
import type { DnsServer } from "../../shared/domain/membership/answer-resources.ts";
import { reasonOf } from "../agent-error.ts";
import { type DnsResponse, decodeAnswer, framed } from "./dns-wire.ts";

const udpBytesMax = 512;
const udpTimeoutMs = 1_000;
const tcpTimeoutMs = 2_000;

export interface RawAnswer {
  readonly bytes: Buffer;
  readonly answer: DnsResponse;
}

/**
 * Sends a request over UDP, and over TCP where it is too long for that, was not answered in a second, or the answer was cut.
 * Throws with both reasons where nobody answers.
 */
export async function exchange(server: DnsServer, request: Buffer): Promise<RawAnswer> {
  const { address, family } = await lookup(server.host);
  if (request.length > udpBytesMax) return overTcp(address, server.port, request);
  let udpReason = "its answer over UDP was cut";
  try {
    const raw = await overUdp(address, family, server.port, request);
    if (!raw.answer.isTruncated) return raw;
  } catch (error) {
    udpReason = reasonOf(error);
  }
  try {
    return await overTcp(address, server.port, request);
  } catch (error) {
    throw new Error(`${udpReason}; over TCP: ${reasonOf(error)}`, { cause: error });
  }
}

async function overUdp(address: string, family: number, port: number, request: Buffer): Promise<RawAnswer> {
  const socket = createSocket(family === 6 ? "udp6" : "udp4");
  const timeout = AbortSignal.timeout(udpTimeoutMs);
  try {
    const answered = Promise.withResolvers<RawAnswer>();
    socket.on("error", answered.reject);
    timeout.addEventListener("abort", () => answered.reject(new Error(`no answer over UDP within ${udpTimeoutMs / 1_000} s`)));
    socket.on("message", (bytes) => {
      const answer = answerTo(request, bytes);
      // Whatever else arrives here is not what was asked for: the wait goes on.
      if (answer !== null) answered.resolve({ bytes, answer });
    });
    // Connected, so that the kernel lets no other address in, and says when the port is closed.
    socket.connect(port, address, () => socket.send(request));
    return await answered.promise;
  } finally {
    socket.close();
  }
}

async function overTcp(address: string, port: number, request: Buffer): Promise<RawAnswer> {
  const socket = connect({ host: address, port });
  // All in all, however slowly it drips.
  const late = setTimeout(() => socket.destroy(new Error(`no answer within ${tcpTimeoutMs / 1_000} s`)), tcpTimeoutMs);
  try {
    await once(socket, "connect");
    socket.write(framed(request));
    let received = Buffer.alloc(0);
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk as Buffer]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) continue;
      const bytes = received.subarray(2, 2 + received.readUInt16BE(0));
      const answer = answerTo(request, bytes);
      if (answer === null) throw new Error("its answer over TCP cannot be read");
      return { bytes, answer };
    }
    throw new Error("it closed the connection without an answer");
  } finally {
    clearTimeout(late);
    socket.destroy();
  }
}

/** Null where it is no answer to this request. */
function answerTo(request: Buffer, bytes: Buffer): DnsResponse | null {
  try {
    const answer = decodeAnswer(bytes);
    return answer.id === request.readUInt16BE(0) && answer.opcode === ((request.readUInt16BE(2) >> 11) & 0xf) ? answer : null;
  } catch {
    // Nothing that a DNS server would send: for the caller the same as nothing.
    return null;
  }
}
