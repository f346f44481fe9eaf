import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { addressOf, type DnsZone, dnsZonesOf, type ServedName } from "../../shared/domain/membership/dns-zones.ts";
import type { DnsQuery } from "./dns-query.ts";
import type { DnsReply } from "./dns-response.ts";
import { encodeName, opcodes, type Question, type ResourceRecord, rcodes, recordClasses, recordTypes } from "./dns-wire.ts";
import { addressBytes } from "./record-update.ts";

/** For who keeps a zone's SOA; nobody is told of changes, and nobody may fetch the zone. In seconds. */
const soaTimes = { refresh: 60, retry: 10, expire: 3_600 } as const;

export interface ZoneContents {
  readonly document: ClusterDocument;
  /** Whom a group's names point at; null where this node cannot say. */
  readonly holderOf: (group: ServedName["group"]) => NodeId | null;
}

/** What an authoritative server for the agents' zones says (RFC 1034, 4.3.2), and for nothing else: no recursion, no transfers, no updates. */
export function replyTo({ opcode, question, edns, rcode }: DnsQuery, contents: ZoneContents): DnsReply {
  if (rcode !== rcodes.noError) return refusal(rcode);
  if (opcode !== opcodes.query) return refusal(rcodes.notImp);
  if (edns !== null && edns.version !== 0) return refusal(rcodes.badVers);
  if (question === null) return refusal(rcodes.formErr);
  const zone = zoneOf(contents.document, question.name);
  if (zone === null || question.class !== recordClasses.IN || isTransfer(question)) return refusal(rcodes.refused);
  return replyIn(zone, question, contents);
}

function refusal(rcode: number): DnsReply {
  return { rcode, isAuthoritative: false, answers: [], authorities: [] };
}

function isTransfer({ type }: Question): boolean {
  return type === recordTypes.AXFR || type === recordTypes.IXFR;
}

/** The longest of the zones that the name is in. */
function zoneOf(document: ClusterDocument, name: string): DnsZone | null {
  const around = dnsZonesOf(document).filter(({ zone }) => isAtOrBelow(name, zone));
  return around.toSorted((one, other) => other.zone.length - one.zone.length)[0] ?? null;
}

function isAtOrBelow(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}

function replyIn(zone: DnsZone, question: Question, contents: ZoneContents): DnsReply {
  const { name, type } = question;
  const soa = soaOf(zone, contents.document);
  const isApex = name === zone.zone;
  // A name above one that is there exists as well, without records.
  const exists = isApex || zone.names.some(({ answer }) => isAtOrBelow(answer.domainName, name));
  if (!exists) return { rcode: rcodes.nxDomain, isAuthoritative: true, answers: [], authorities: [soa] };
  const served = zone.names.filter(({ answer }) => answer.domainName === name && wants(type, recordTypes[answer.type]));
  const addresses = served.map((one) => addressRecord(one, contents));
  if (addresses.includes(null)) return refusal(rcodes.servFail);
  const ofApex = isApex ? [...(wants(type, recordTypes.SOA) ? [soa] : []), ...(wants(type, recordTypes.NS) ? nsOf(zone) : [])] : [];
  const answers = [...ofApex, ...addresses.filter((record) => record !== null)];
  return { rcode: rcodes.noError, isAuthoritative: true, answers: smallest(type, answers), authorities: answers.length === 0 ? [soa] : [] };
}

function wants(asked: number, type: number): boolean {
  return asked === type || asked === recordTypes.ANY;
}

/** Who asks for anything gets one set of records, so that nobody's flood grows by asking here (RFC 8482). */
function smallest(asked: number, answers: readonly ResourceRecord[]): readonly ResourceRecord[] {
  return asked === recordTypes.ANY ? answers.filter(({ type }) => type === answers.at(-1)?.type) : answers;
}

/** Null where it cannot be said now: the asker then goes to another name server, and keeps what it had. */
function addressRecord({ group, answer }: ServedName, { document, holderOf }: ZoneContents): ResourceRecord | null {
  const holder = holderOf(group);
  const address = holder === null ? null : addressOf(document, answer, holder);
  if (address === null) return null;
  const { domainName: name, type, ttlSeconds: ttl } = answer;
  return { name, type: recordTypes[type], class: recordClasses.IN, ttl, data: addressBytes(address) };
}

function nsOf({ zone, nameServers, ttlSeconds }: DnsZone): readonly ResourceRecord[] {
  return nameServers.map(({ domainName }) => ({
    name: zone,
    type: recordTypes.NS,
    class: recordClasses.IN,
    ttl: ttlSeconds,
    data: encodeName(domainName),
  }));
}

/** The serial is the document's version: the same on every node, and what a change of holder alters is no secondary's to follow. */
function soaOf({ zone, nameServers, parent, ttlSeconds }: DnsZone, { version }: ClusterDocument): ResourceRecord {
  const [first] = nameServers;
  const numbers = Buffer.alloc(20);
  [version % 0x1_0000_0000, soaTimes.refresh, soaTimes.retry, soaTimes.expire, ttlSeconds].forEach((value, index) =>
    numbers.writeUInt32BE(value, 4 * index),
  );
  const data = Buffer.concat([encodeName(first?.domainName ?? parent), encodeName(`hostmaster.${zone}`), numbers]);
  return { name: zone, type: recordTypes.SOA, class: recordClasses.IN, ttl: ttlSeconds, data };
}
