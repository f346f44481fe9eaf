/*
 * DNS messages as RFC 1035 and RFC 2136 lay them out. The libraries for it leave out what updates are made of: the class NONE,
 * records without data, and the exact bytes that a signature covers.
 */

export const recordTypes = { A: 1, NS: 2, SOA: 6, TXT: 16, AAAA: 28, OPT: 41, TSIG: 250, IXFR: 251, AXFR: 252, ANY: 255 } as const;
export const recordClasses = { IN: 1, NONE: 254, ANY: 255 } as const;
export const opcodes = { query: 0, update: 5 } as const;
/** Response codes. */
export const rcodes = { noError: 0, formErr: 1, servFail: 2, nxDomain: 3, notImp: 4, refused: 5, badVers: 16 } as const;

/** As it is told to people. */
export function rcodeName(rcode: number): string {
  return (Object.entries(rcodes).find(([, value]) => value === rcode)?.[0] ?? `response code ${rcode}`).toUpperCase();
}

export const headerBytes = 12;
const labelBytesMax = 63;
const nameBytesMax = 255;

export interface Question {
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

export interface ResourceRecord extends Question {
  readonly ttl: number;
  readonly data: Buffer;
}

/** The four sections; an update calls them zone, prerequisites, updates and additional. */
export interface DnsRequest {
  readonly id: number;
  readonly opcode: number;
  readonly questions: readonly Question[];
  readonly answers?: readonly ResourceRecord[];
  readonly authorities?: readonly ResourceRecord[];
}

export interface DnsResponse {
  readonly id: number;
  readonly opcode: number;
  readonly rcode: number;
  readonly isAuthoritative: boolean;
  readonly isTruncated: boolean;
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  readonly additionals: readonly ResourceRecord[];
  /** The last additional record, where a signature stands, and the byte at which it begins. */
  readonly last: { readonly record: ResourceRecord; readonly offset: number } | null;
}

/** Lower case, as names are compared and signed. Throws where it is no name. */
export function encodeName(name: string): Buffer {
  const labels = name
    .toLowerCase()
    .split(".")
    .filter((label) => label !== "");
  const parts = labels.map((label) => {
    const bytes = Buffer.from(label, "latin1");
    if (bytes.length > labelBytesMax) throw new Error(`the label ${label} is longer than ${labelBytesMax} bytes`);
    return Buffer.concat([Buffer.of(bytes.length), bytes]);
  });
  const encoded = Buffer.concat([...parts, Buffer.of(0)]);
  if (encoded.length > nameBytesMax) throw new Error(`the name ${name} is longer than ${nameBytesMax} bytes`);
  return encoded;
}

export function encodeRecord({ name, type, class: recordClass, ttl, data }: ResourceRecord): Buffer {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(recordClass, 2);
  fixed.writeUInt32BE(ttl, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([encodeName(name), fixed, data]);
}

export function encodeRequest({ id, opcode, questions, answers = [], authorities = [] }: DnsRequest): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(opcode << 11, 2);
  header.writeUInt16BE(questions.length, 4);
  header.writeUInt16BE(answers.length, 6);
  header.writeUInt16BE(authorities.length, 8);
  const asked = questions.map(({ name, type, class: questionClass }) => {
    const fixed = Buffer.alloc(4);
    fixed.writeUInt16BE(type, 0);
    fixed.writeUInt16BE(questionClass, 2);
    return Buffer.concat([encodeName(name), fixed]);
  });
  return Buffer.concat([header, ...asked, ...[...answers, ...authorities].map(encodeRecord)]);
}

/** Reads an answer. Throws where it is none, or ends too early: whatever the bytes, it never reads beyond them, and always ends. */
export function decodeAnswer(bytes: Buffer): DnsResponse {
  if (bytes.length < headerBytes) throw new Error("the answer is shorter than a header");
  const flags = bytes.readUInt16BE(2);
  if ((flags & 0x8000) === 0) throw new Error("it is a request, not an answer");
  const counts = [4, 6, 8, 10].map((offset) => bytes.readUInt16BE(offset));
  const [questions = 0, answers = 0, authorities = 0, additionals = 0] = counts;
  let offset = headerBytes;
  for (let index = 0; index < questions; index += 1) offset = decodeName(bytes, offset).end + 4;
  const records: { record: ResourceRecord; offset: number }[] = [];
  for (let index = 0; index < answers + authorities + additionals; index += 1) {
    const { record, end } = decodeRecord(bytes, offset);
    records.push({ record, offset });
    offset = end;
  }
  const [authoritiesAt, additionalsAt] = [answers, answers + authorities];
  const read = records.map(({ record }) => record);
  return {
    id: bytes.readUInt16BE(0),
    opcode: (flags >> 11) & 0xf,
    rcode: flags & 0xf,
    isAuthoritative: (flags & 0x0400) !== 0,
    isTruncated: (flags & 0x0200) !== 0,
    answers: read.slice(0, authoritiesAt),
    authorities: read.slice(authoritiesAt, additionalsAt),
    additionals: read.slice(additionalsAt),
    last: additionals === 0 ? null : (records.at(-1) ?? null),
  };
}

export function decodeRecord(bytes: Buffer, start: number): { readonly record: ResourceRecord; readonly end: number } {
  const { name, end: fixed } = decodeName(bytes, start);
  const dataStart = fixed + 10;
  if (dataStart > bytes.length) throw new Error("the message ends within a record");
  const end = dataStart + bytes.readUInt16BE(fixed + 8);
  if (end > bytes.length) throw new Error("the message ends within a record's data");
  const type = bytes.readUInt16BE(fixed);
  // A name may lean on others before it in the message: out of it, it is of use only as a whole.
  const data = type === recordTypes.NS ? encodeName(decodeName(bytes, dataStart).name) : bytes.subarray(dataStart, end);
  return { record: { name, type, class: bytes.readUInt16BE(fixed + 2), ttl: bytes.readUInt32BE(fixed + 4), data }, end };
}

/** Lower case, without a dot at the end. `end`: where the reader goes on. A pointer leads back only, so that no two can lead round. */
export function decodeName(bytes: Buffer, start: number): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let offset = start;
  let end: number | null = null;
  let lowest = start;
  let nameBytes = 1;
  for (;;) {
    const length = bytes[offset];
    if (length === undefined) throw new Error("the message ends within a name");
    if (length === 0) return { name: labels.join("."), end: end ?? offset + 1 };
    if ((length & 0xc0) === 0xc0) {
      const target = ((length & 0x3f) << 8) | (bytes[offset + 1] ?? 0);
      if (target >= lowest) throw new Error("a name in the message points forward");
      end ??= offset + 2;
      lowest = target;
      offset = target;
      continue;
    }
    if (length > labelBytesMax || offset + 1 + length > bytes.length) throw new Error("a name in the message is broken");
    nameBytes += 1 + length;
    // Names that lean on each other would else be read again and again: many times as much as the message holds.
    if (nameBytes > nameBytesMax) throw new Error(`a name in the message is longer than ${nameBytesMax} bytes`);
    labels.push(bytes.toString("latin1", offset + 1, offset + 1 + length).toLowerCase());
    offset += 1 + length;
  }
}

/** The data of a TXT record of one string. */
export function encodeText(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  if (bytes.length > 255) throw new Error("a string of a TXT record has at most 255 bytes");
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}

/** All strings of a TXT record, one after the other. Throws where it is broken. */
export function decodeText(data: Buffer): string {
  let text = "";
  for (let offset = 0; offset < data.length; ) {
    const end = offset + 1 + (data[offset] ?? 0);
    if (end > data.length) throw new Error("a TXT record in the answer is broken");
    text += data.toString("latin1", offset + 1, end);
    offset = end;
  }
  return text;
}

/** As a message goes over TCP: with its length before it. */
export function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

/** The addresses in A and AAAA records, as text. */
export function addressesIn(records: readonly ResourceRecord[]): readonly string[] {
  return records.flatMap(({ type, data }) => {
    if (type === recordTypes.A && data.length === 4) return [data.join(".")];
    if (type !== recordTypes.AAAA || data.length !== 16) return [];
    const groups = Array.from({ length: 8 }, (_, index) => data.readUInt16BE(2 * index).toString(16));
    // The URL parser leaves out the longest run of zeros.
    return [new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1)];
  });
}
