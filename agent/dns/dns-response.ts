import type { DnsQuery } from "./dns-query.ts";
import { encodeRecord, headerBytes, type ResourceRecord, recordTypes } from "./dns-wire.ts";

/** What is said to a question; `rcode` may need the four more bits of EDNS. */
export interface DnsReply {
  readonly rcode: number;
  readonly isAuthoritative: boolean;
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
}

/** What fits into one datagram on every network (RFC 9715): nothing longer goes out over UDP, whatever the asker would take. */
export const udpBytesMost = 1_232;
const udpBytesLeast = 512;
const truncatedBit = 0x0200;

/** The answer as it goes out. Over UDP one that is too long is cut to its question, so that its asker comes over TCP. */
export function encodeResponse(query: DnsQuery, reply: DnsReply, transport: "udp" | "tcp"): Buffer {
  const whole = encoded(query, reply, 0);
  const room = transport === "tcp" ? 0xffff : Math.min(udpBytesMost, Math.max(udpBytesLeast, query.edns?.udpBytes ?? udpBytesLeast));
  return whole.length <= room ? whole : encoded(query, { ...reply, answers: [], authorities: [] }, truncatedBit);
}

function encoded({ id, opcode, recursionDesired, asked, edns }: DnsQuery, reply: DnsReply, moreFlags: number): Buffer {
  const { rcode, isAuthoritative, answers, authorities } = reply;
  const header = Buffer.alloc(headerBytes);
  const flags = 0x8000 | (opcode << 11) | (isAuthoritative ? 0x0400 : 0) | (recursionDesired ? 0x0100 : 0) | (rcode & 0xf) | moreFlags;
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(flags, 2);
  header.writeUInt16BE(asked.length === 0 ? 0 : 1, 4);
  header.writeUInt16BE(answers.length, 6);
  header.writeUInt16BE(authorities.length, 8);
  header.writeUInt16BE(edns === null ? 0 : 1, 10);
  const options = edns === null ? [] : [optRecord(rcode)];
  return Buffer.concat([header, asked, ...[...answers, ...authorities, ...options].map(encodeRecord)]);
}

/** EDNS version 0: how much this node takes, and the upper bits of the response code. */
function optRecord(rcode: number): ResourceRecord {
  return { name: "", type: recordTypes.OPT, class: udpBytesMost, ttl: (rcode >> 4) * 0x100_0000, data: Buffer.alloc(0) };
}
