import { createHmac, timingSafeEqual } from "node:crypto";
import { type DnsResponse, decodeName, encodeName, encodeRecord, recordClasses, recordTypes } from "./dns-wire.ts";

const algorithm = "hmac-sha256";
/** By how many seconds two clocks may differ, as RFC 8945 advises. */
const fudgeSeconds = 300;

export interface TsigKey {
  /** As the DNS server calls it. */
  readonly name: string;
  readonly secret: Buffer;
}

/** A request as it goes out, and the MAC in it, which the answer's is made over too. */
export interface SignedRequest {
  readonly bytes: Buffer;
  readonly mac: Buffer;
}

export const tsigErrors: Readonly<Record<number, string>> = {
  16: "BADSIG: the key's secret there is another",
  17: "BADKEY: it does not know the key",
  18: "BADTIME: its clock and this server's are more than five minutes apart",
  22: "BADTRUNC: it wants a longer signature",
};

/** Signs a message with HMAC-SHA256 as RFC 8945 says. `seconds`: wall clock, since 1970. */
export function signRequest(message: Buffer, key: TsigKey, seconds: number): SignedRequest {
  const variables = { seconds, fudge: fudgeSeconds, error: 0, other: Buffer.alloc(0) };
  const mac = createHmac("sha256", key.secret).update(message).update(digestedVariables(key, variables)).digest();
  const data = Buffer.concat([encodeName(algorithm), timeOf(variables), sized(mac), message.subarray(0, 2), errorOf(variables)]);
  const record = encodeRecord({ name: key.name, type: recordTypes.TSIG, class: recordClasses.ANY, ttl: 0, data });
  return { bytes: withAdditionals(Buffer.concat([message, record]), 1), mac };
}

export type Verdict =
  | { readonly is: "authentic" }
  /** Nothing in the answer may be believed. `tsigError`: what the server says of the request's signature, or 0. */
  | { readonly is: "refused"; readonly reason: string; readonly tsigError: number };

/** Whether the answer is of who knows the key, to this very request, and of now. */
export function verifyAnswer(bytes: Buffer, answer: DnsResponse, key: TsigKey, requestMac: Buffer, nowSeconds: number): Verdict {
  if (answer.last === null || answer.last.record.type !== recordTypes.TSIG) return refused("it is not signed");
  const { record, offset } = answer.last;
  const read = readTsig(record.data);
  if (read === null) return refused("its signature is broken");
  if (read.error !== 0 && read.mac.length === 0) return refused(tsigErrors[read.error] ?? `TSIG error ${read.error}`, read.error);
  if (record.name !== key.name.toLowerCase() || read.algorithm !== algorithm) return refused("it is signed with another key");
  const head = withAdditionals(Buffer.from(bytes.subarray(0, offset)), -1);
  read.originalId.copy(head, 0);
  const mac = createHmac("sha256", key.secret).update(sized(requestMac)).update(head).update(digestedVariables(key, read)).digest();
  if (mac.length !== read.mac.length || !timingSafeEqual(mac, read.mac)) return refused("its signature is wrong");
  if (read.error !== 0) return refused(tsigErrors[read.error] ?? `TSIG error ${read.error}`, read.error);
  if (Math.abs(nowSeconds - read.seconds) > read.fudge) return refused("its signature is of another time");
  return { is: "authentic" };
}

function refused(reason: string, tsigError = 0): Verdict {
  return { is: "refused", reason, tsigError };
}

interface Variables {
  readonly seconds: number;
  readonly fudge: number;
  readonly error: number;
  readonly other: Buffer;
}

function digestedVariables(key: TsigKey, variables: Variables): Buffer {
  const classAndTtl = Buffer.from([0, recordClasses.ANY, 0, 0, 0, 0]);
  return Buffer.concat([encodeName(key.name), classAndTtl, encodeName(algorithm), timeOf(variables), errorOf(variables)]);
}

function timeOf({ seconds, fudge }: Variables): Buffer {
  const time = Buffer.alloc(8);
  time.writeUIntBE(seconds, 0, 6);
  time.writeUInt16BE(fudge, 6);
  return time;
}

function errorOf({ error, other }: Variables): Buffer {
  const code = Buffer.alloc(2);
  code.writeUInt16BE(error);
  return Buffer.concat([code, sized(other)]);
}

function sized(bytes: Buffer): Buffer {
  const size = Buffer.alloc(2);
  size.writeUInt16BE(bytes.length);
  return Buffer.concat([size, bytes]);
}

/** The message with so many more additional records in its header than before. Changes it in place. */
function withAdditionals(message: Buffer, more: number): Buffer {
  message.writeUInt16BE(message.readUInt16BE(10) + more, 10);
  return message;
}

interface Tsig extends Variables {
  readonly algorithm: string;
  readonly mac: Buffer;
  readonly originalId: Buffer;
}

/** Null where the data end too early. */
function readTsig(data: Buffer): Tsig | null {
  try {
    const { name, end } = decodeName(data, 0);
    const macEnd = end + 10 + data.readUInt16BE(end + 8);
    const otherEnd = macEnd + 6 + data.readUInt16BE(macEnd + 4);
    if (otherEnd !== data.length) return null;
    return {
      algorithm: name,
      seconds: data.readUIntBE(end, 6),
      fudge: data.readUInt16BE(end + 6),
      mac: data.subarray(end + 10, macEnd),
      originalId: data.subarray(macEnd, macEnd + 2),
      error: data.readUInt16BE(macEnd + 2),
      other: data.subarray(macEnd + 6, otherEnd),
    };
  } catch {
    // A RangeError of the reads above: the data end within a field.
    return null;
  }
}
