import { array, assert, constantFrom, nat, property, tuple, uint8Array } from "fast-check";
import { describe, expect, it } from "vitest";
import { readQuery } from "../../../agent/dns/dns-query.ts";
import { encodeResponse, udpBytesMost } from "../../../agent/dns/dns-response.ts";
import {
  decodeAnswer,
  encodeRequest,
  opcodes,
  type ResourceRecord,
  rcodes,
  recordClasses,
  recordTypes,
} from "../../../agent/dns/dns-wire.ts";
import { replyTo, type ZoneContents } from "../../../agent/dns/zone-reply.ts";
import { answeredName, answeredZone, answeringDocument, dnsAnswer, groupWith, nodeIds } from "./answered-zone.ts";

const [a, b] = nodeIds;
const deep = `one.two.${answeredZone}`;
const document = answeringDocument([
  groupWith([
    dnsAnswer("phones"),
    dnsAnswer("phones-6", { type: "AAAA", addresses: Object.fromEntries(nodeIds.map((id, index) => [id, `2001:db8::${index + 1}`])) }),
    dnsAnswer("deep", { domainName: deep, addresses: { [a ?? ""]: "192.0.2.10" } }),
  ]),
  groupWith([dnsAnswer("nobody", { domainName: `nobody.${answeredZone}` })], "paging"),
]);
const held = (holder = a): ZoneContents => ({ document, holderOf: (group) => (group === "default" ? (holder ?? null) : null) });

const optOf = (udpBytes: number, version = 0): ResourceRecord => ({
  name: "",
  type: recordTypes.OPT,
  class: udpBytes,
  ttl: version << 16,
  data: Buffer.alloc(0),
});

/** A question as a resolver sends it, with its OPT where it has one. */
function question(name: string, type: number, change: { opt?: ResourceRecord; class?: number; opcode?: number } = {}): Buffer {
  const { opt, opcode = opcodes.query } = change;
  const questions = [{ name, type, class: change.class ?? recordClasses.IN }];
  const bytes = encodeRequest({ id: 7, opcode, questions, authorities: opt === undefined ? [] : [opt] });
  // What was written as an authority is the additional record.
  if (opt !== undefined) bytes.writeUInt32BE(1, 8);
  return bytes;
}

function ask(bytes: Buffer, contents = held()): ReturnType<typeof decodeAnswer> & { readonly length: number; readonly bytes: Buffer } {
  const query = readQuery(bytes);
  if (query === null) throw new Error("no question");
  const answer = encodeResponse(query, replyTo(query, contents), "udp");
  return { ...decodeAnswer(answer), length: answer.length, bytes: answer };
}

const values = ({ answers }: ReturnType<typeof ask>): readonly string[] => answers.map(({ data }) => data.toString("hex"));
const authorityCount = ({ bytes }: ReturnType<typeof ask>): number => bytes.readUInt16BE(8);

describe("a node as the name server of its zones", () => {
  it("a name points at the holder, with its TTL, and at the next one when that holds the group", () => {
    const first = ask(question(answeredName, recordTypes.A));
    expect(first).toMatchObject({ id: 7, rcode: rcodes.noError, isAuthoritative: true, isTruncated: false });
    expect(first.answers).toEqual([{ name: answeredName, type: 1, class: 1, ttl: 2, data: Buffer.of(127, 0, 0, 2) }]);
    expect(values(ask(question(answeredName, recordTypes.A), held(b)))).toEqual(["7f000003"]);
    expect(values(ask(question(answeredName, recordTypes.AAAA), held(b)))).toEqual(["20010db8000000000000000000000002"]);
    expect(values(ask(question(deep, recordTypes.A)))).toEqual(["c000020a"]);
    expect(values(ask(question(deep, recordTypes.A), held(b)))).toEqual(["7f000003"]);
  });

  it.each<[string, Buffer, number, boolean, number]>([
    ["a name that is not there", question(`other.${answeredZone}`, 1), rcodes.nxDomain, true, 1],
    ["a name without records of that type", question(answeredName, recordTypes.TXT), rcodes.noError, true, 1],
    ["a name above one that is there", question(`two.${answeredZone}`, 1), rcodes.noError, true, 1],
    ["the zone itself, which has no address", question(answeredZone, 1), rcodes.noError, true, 1],
    ["a name of another zone", question("example.test", 1), rcodes.refused, false, 0],
    ["a name that only ends alike", question(`not${answeredZone}`, 1), rcodes.refused, false, 0],
    ["the root", question("", recordTypes.NS), rcodes.refused, false, 0],
    ["a transfer", question(answeredZone, recordTypes.AXFR), rcodes.refused, false, 0],
    ["another class", question(answeredName, 1, { class: 3 }), rcodes.refused, false, 0],
    ["an update", question(answeredZone, recordTypes.SOA, { opcode: opcodes.update }), rcodes.notImp, false, 0],
    ["a holder that is not known", question(`nobody.${answeredZone}`, 1), rcodes.servFail, false, 0],
  ])("%s", (_, bytes, rcode, isAuthoritative, authorities) => {
    const answer = ask(bytes);
    expect(answer).toMatchObject({ rcode, isAuthoritative, answers: [] });
    expect(authorityCount(answer)).toBe(authorities);
  });

  it("the zone has a SOA, and every node as a name server by a name of the zone above", () => {
    const soa = ask(question(answeredZone, recordTypes.SOA));
    expect(soa.answers).toHaveLength(1);
    // Negative answers are remembered for as long as the name's own: the last number of a SOA.
    expect(soa.answers[0]?.data.readUInt32BE(soa.answers[0].data.length - 4)).toBe(2);
    const servers = ask(question(answeredZone, recordTypes.NS)).answers.map(({ data }) => data.toString("latin1"));
    expect(servers).toHaveLength(3);
    expect(servers[1]).toContain("ns-00000000000000000002\u0007example\u0004test");
  });

  it("who asks for anything gets one set of records", () => {
    const answer = ask(question(answeredName, recordTypes.ANY));
    expect(answer.answers.map(({ type }) => type)).toEqual([recordTypes.AAAA]);
  });

  it("EDNS: answered with its size; another version is refused; the answer is no longer than asked for", () => {
    const answer = ask(question(answeredName, 1, { opt: optOf(4_096) }));
    expect(answer.last?.record).toMatchObject({ type: recordTypes.OPT, class: udpBytesMost, ttl: 0 });
    const wrong = ask(question(answeredName, 1, { opt: optOf(4_096, 1) }));
    expect(wrong).toMatchObject({ rcode: rcodes.badVers & 0xf, answers: [] });
    expect(wrong.last?.record.ttl).toBe(0x0100_0000);

    const eight = answeringDocument(
      [groupWith([dnsAnswer("phones")], "default", [])],
      Array.from({ length: 8 }, (_, index) => `192.0.2.${index}`),
    );
    const contents = { document: eight, holderOf: () => null };
    const cut = ask(question(answeredZone, recordTypes.NS), contents);
    expect(cut).toMatchObject({ isTruncated: true, answers: [] });
    expect(cut.length).toBeLessThanOrEqual(512);
    const whole = ask(question(answeredZone, recordTypes.NS, { opt: optOf(1_232) }), contents);
    expect(whole).toMatchObject({ isTruncated: false });
    expect(whole.answers).toHaveLength(8);
  });

  it("the question comes back letter by letter", () => {
    const bytes = question(answeredName, 1);
    bytes.write("PhOnEs", 13, "latin1");
    const answer = ask(bytes);
    expect(answer.bytes.subarray(12, bytes.length)).toEqual(bytes.subarray(12));
    expect(values(answer)).toEqual(["7f000002"]);
  });

  it("answers, and what is no message, get no answer; broken questions a FORMERR", () => {
    const bytes = question(answeredName, 1);
    const answer = Buffer.from(bytes);
    answer[2] = 0x80;
    expect(readQuery(answer)).toBeNull();
    expect(readQuery(bytes.subarray(0, 11))).toBeNull();
    expect(ask(bytes.subarray(0, bytes.length - 1)).rcode).toBe(rcodes.formErr);
    const two = Buffer.from(bytes);
    two.writeUInt16BE(2, 4);
    expect(ask(two).rcode).toBe(rcodes.formErr);
  });

  it("whatever the bytes: no answer, or one that can be read and that is hardly longer over UDP than it may be", () => {
    const bytes = tuple(
      constantFrom(answeredName, answeredZone, "a.b"),
      constantFrom(1, 2, 6, 28, 255),
      array(tuple(nat(80), nat(255)), { maxLength: 8 }),
      uint8Array({ maxLength: 40 }),
    ).map(([name, type, changes, more]) => {
      const message = Buffer.concat([question(name, type, { opt: optOf(65_535) }), more]);
      for (const [at, value] of changes) message[at % message.length] = value;
      return message;
    });
    assert(
      property(bytes, (raw) => {
        const query = readQuery(raw);
        if (query === null) return;
        const answer = encodeResponse(query, replyTo(query, held()), "udp");
        expect(answer.length).toBeLessThanOrEqual(udpBytesMost);
        expect(decodeAnswer(answer).id).toBe(query.id);
      }),
      { numRuns: 2_000 },
    );
  });
});
