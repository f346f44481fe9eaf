import { decodeName, decodeRecord, headerBytes, type Question, rcodes, recordTypes } from "./dns-wire.ts";

/** A question that somebody asks of this node, as it came. */
export interface DnsQuery {
  readonly id: number;
  readonly opcode: number;
  readonly recursionDesired: boolean;
  /** The question's own bytes: an answer repeats them letter by letter. Empty where there is none that can be read. */
  readonly asked: Buffer;
  /** Null: it cannot be read, or there is not exactly one (`rcode` says so). */
  readonly question: Question | null;
  /** Null: its sender knows nothing of EDNS. */
  readonly edns: { readonly udpBytes: number; readonly version: number } | null;
  /** FORMERR where the message is broken, else 0. */
  readonly rcode: number;
}

const queryBit = 0x8000;
/** A question has no answers and no authorities; beside OPT a signature or a cookie may stand in the last section. */
const additionalsMax = 4;

/** Null for what is no question at all: nobody is answered then, since an answer to an answer would go round for ever. */
export function readQuery(bytes: Buffer): DnsQuery | null {
  if (bytes.length < headerBytes) return null;
  const flags = bytes.readUInt16BE(2);
  if ((flags & queryBit) !== 0) return null;
  const head = { id: bytes.readUInt16BE(0), opcode: (flags >> 11) & 0xf, recursionDesired: (flags & 0x0100) !== 0 };
  const broken = { ...head, asked: Buffer.alloc(0), question: null, edns: null, rcode: rcodes.formErr };
  // Of updates and the like only the header is looked at: they are refused by their kind.
  if (head.opcode !== 0) return { ...broken, rcode: rcodes.noError };
  const [questions, answers, authorities, additionals] = [4, 6, 8, 10].map((offset) => bytes.readUInt16BE(offset));
  if (questions !== 1 || answers !== 0 || authorities !== 0 || (additionals ?? 0) > additionalsMax) return broken;
  try {
    const { name, end } = decodeName(bytes, headerBytes);
    const question = { name, type: bytes.readUInt16BE(end), class: bytes.readUInt16BE(end + 2) };
    const edns = readEdns(bytes, end + 4, additionals ?? 0);
    return edns === undefined ? broken : { ...head, asked: bytes.subarray(headerBytes, end + 4), question, edns, rcode: rcodes.noError };
  } catch {
    // It ends within a field, or a name in it is none: what a FORMERR says.
    return broken;
  }
}

/** Undefined where there are two, which RFC 6891 forbids. */
function readEdns(bytes: Buffer, start: number, count: number): DnsQuery["edns"] | undefined {
  let offset = start;
  let found: DnsQuery["edns"] = null;
  for (let index = 0; index < count; index += 1) {
    const { record, end } = decodeRecord(bytes, offset);
    offset = end;
    if (record.type !== recordTypes.OPT) continue;
    if (found !== null) return undefined;
    found = { udpBytes: record.class, version: (record.ttl >> 16) & 0xff };
  }
  return found;
}
