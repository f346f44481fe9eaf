import { randomInt } from "node:crypto";
import { isIPv6 } from "node:net";
import { type Fence, fenceName, fenceText, readFence } from "../../shared/domain/dns/fence.ts";
import {
  afterAddress,
  afterChange,
  afterFence,
  type ChangeResult,
  firstMove,
  type SeenFence,
  type UpdateMove,
  type UpdateOutcome,
} from "../../shared/domain/dns/update-course.ts";
import type { DnsServer } from "../../shared/domain/membership/answer-resources.ts";
import { exchange, type RawAnswer } from "./dns-exchange.ts";
import {
  type DnsRequest,
  decodeText,
  encodeRequest,
  encodeText,
  opcodes,
  type ResourceRecord,
  rcodes,
  recordClasses,
  recordTypes,
} from "./dns-wire.ts";
import { signRequest, type TsigKey, verifyAnswer } from "./tsig.ts";

const fenceTtlSeconds = 60;

const rcodeWords: Readonly<Record<number, string>> = {
  1: "FORMERR: it does not understand the request",
  2: "SERVFAIL: it failed; its own log says why",
  3: "NXDOMAIN: the name does not exist",
  4: "NOTIMP: it takes no updates",
  5: "REFUSED: it does not let this key change this name",
  9: "NOTAUTH: it is not authoritative for the zone",
  10: "NOTZONE: the name is not in the zone",
};
/** A prerequisite does not hold: NXDOMAIN, YXDOMAIN, YXRRSET, NXRRSET. */
const lostRace: ReadonlySet<number> = new Set([rcodes.nxDomain, 6, 7, 8]);

export interface RecordTarget {
  readonly server: DnsServer;
  readonly key: TsigKey;
  readonly zone: string;
  readonly domainName: string;
  readonly type: "A" | "AAAA";
  readonly ttlSeconds: number;
  /** IP address that the name shall have. */
  readonly address: string;
  readonly fence: Fence;
  /** Asked right before anything is changed: whether this node is operational still. */
  readonly isCurrent: () => boolean;
}

/** The fence, and the bytes by which an update names it. */
interface FenceRecord extends SeenFence {
  readonly data: Buffer;
}

/**
 * Points the name at this node at one server: looks at the fence, then changes fence and address in one update that holds only
 * while the fence is as it was seen (update-course.ts). Address records are replaced, never just removed. Throws with the reason where it cannot.
 */
export async function updateRecord(target: RecordTarget): Promise<UpdateOutcome> {
  let move: UpdateMove<FenceRecord> = firstMove;
  for (;;) {
    switch (move.do) {
      case "look-at-fence":
        move = afterFence(target.fence, move.race, await seenFence(target));
        break;
      case "look-at-address":
        move = afterAddress(move.race, move.seen, await hasAddress(target));
        break;
      case "change":
        move = afterChange(move.race, await change(target, move.seen));
        break;
      case "end":
        return move.outcome;
      case "fail":
        throw new Error(
          move.because === "foreign" ? foreignReason(target, move.by) : "others changed the record again and again in the same moment",
        );
    }
  }
}

async function change(target: RecordTarget, seen: FenceRecord | null): Promise<ChangeResult> {
  if (!target.isCurrent()) return "not-current";
  const { answer } = await ask(target, updateRequest(target, seen?.data ?? null));
  if (answer.rcode === rcodes.noError) return "changed";
  if (lostRace.has(answer.rcode)) return "fence-has-changed";
  throw new Error(reasonOfCode(answer.rcode));
}

function foreignReason({ domainName, type }: RecordTarget, { clusterId }: Fence): string {
  return `the name is held by cluster ${clusterId}, as the TXT record ${fenceName(domainName, type)} says: remove that record if the cluster is gone`;
}

async function seenFence(target: RecordTarget): Promise<FenceRecord | null> {
  const name = fenceName(target.domainName, target.type);
  const [record, ...more] = await look(target, name, recordTypes.TXT);
  if (record === undefined) return null;
  const fence = more.length === 0 ? readFence(decodeText(record.data)) : null;
  if (fence === null) throw new Error(`the TXT record ${name} is not one of Understudy's: remove it, and keep that name free`);
  return { fence, data: record.data };
}

async function hasAddress(target: RecordTarget): Promise<boolean> {
  const found = await look(target, target.domainName, recordTypes[target.type]);
  return found.length === 1 && found[0]?.ttl === target.ttlSeconds && found[0].data.equals(addressBytes(target.address));
}

async function look(target: RecordTarget, name: string, type: number): Promise<readonly ResourceRecord[]> {
  const questions = [{ name, type, class: recordClasses.IN }];
  const { answer } = await ask(target, { id: randomInt(0x1_0000), opcode: opcodes.query, questions });
  if (answer.rcode !== rcodes.noError && answer.rcode !== rcodes.nxDomain) throw new Error(reasonOfCode(answer.rcode));
  if (!answer.isAuthoritative) throw new Error(`it is not authoritative for ${target.zone}`);
  return answer.answers.filter((record) => record.type === type && record.name === name.toLowerCase());
}

async function ask({ server, key }: RecordTarget, request: DnsRequest): Promise<RawAnswer> {
  const signed = signRequest(encodeRequest(request), key, wallSeconds());
  const raw = await exchange(server, signed.bytes);
  const verdict = verifyAnswer(raw.bytes, raw.answer, key, signed.mac, wallSeconds());
  if (verdict.is === "authentic") return raw;
  if (verdict.tsigError !== 0) throw new Error(`it refused the signature of key ${key.name}: ${verdict.reason}`);
  const code = raw.answer.rcode === rcodes.noError ? "" : ` (it said ${reasonOfCode(raw.answer.rcode)})`;
  throw new Error(`its answer cannot be believed: ${verdict.reason}${code}`);
}

function updateRequest(target: RecordTarget, seenFenceData: Buffer | null): DnsRequest {
  const { zone, domainName, type, ttlSeconds, address, fence } = target;
  const txt = { name: fenceName(domainName, type), type: recordTypes.TXT };
  const own = { name: domainName, type: recordTypes[type] };
  const nothing = { ttl: 0, data: Buffer.alloc(0) };
  const fenceAsSeen =
    seenFenceData === null
      ? { ...txt, ...nothing, class: recordClasses.NONE }
      : { ...txt, class: recordClasses.IN, ttl: 0, data: seenFenceData };
  return {
    id: randomInt(0x1_0000),
    opcode: opcodes.update,
    questions: [{ name: zone, type: recordTypes.SOA, class: recordClasses.IN }],
    answers: [fenceAsSeen],
    authorities: [
      { ...txt, ...nothing, class: recordClasses.ANY },
      { ...txt, class: recordClasses.IN, ttl: fenceTtlSeconds, data: encodeText(fenceText(fence)) },
      { ...own, ...nothing, class: recordClasses.ANY },
      { ...own, class: recordClasses.IN, ttl: ttlSeconds, data: addressBytes(address) },
    ],
  };
}

function reasonOfCode(rcode: number): string {
  return rcodeWords[rcode] ?? `response code ${rcode}`;
}

/** The wire form of an IP address. */
export function addressBytes(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split(".").map(Number));
  // The URL parser writes every IPv6 address the same way: eight groups at most, one run of zeros left out.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = "", tail] = canonical.split("::");
  const [before, after] = [groupsOf(head), groupsOf(tail ?? "")];
  const all = tail === undefined ? before : [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

function groupsOf(part: string): number[] {
  return part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
}

/** Signatures carry wall-clock time: the one thing here for which it counts. */
function wallSeconds(): number {
  return Math.floor(Date.now() / 1_000);
}
