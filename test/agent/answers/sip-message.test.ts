import { array, assert, constantFrom, integer, property, string, tuple, uint8Array } from "fast-check";
import { describe, expect, it } from "vitest";
import { readSipRequest, responsePort, type SipRequest, sipResponse } from "../../../agent/answers/sip-message.ts";

const lines = [
  "OPTIONS sip:trunk@192.0.2.11:5070 SIP/2.0",
  "Via: SIP/2.0/UDP pbx.lan:5062;branch=z9hG4bK1;rport",
  "Via: SIP/2.0/UDP 198.51.100.9;branch=z9hG4bK0",
  'From: "PBX" <sip:pbx@pbx.lan>;tag=abc',
  "To: <sip:trunk@192.0.2.11>",
  "Call-ID: 1@pbx",
  "CSeq: 7 OPTIONS",
];
const peer = { address: "192.0.2.77", port: 40_000 };
const ok = { status: 200, words: "OK", headers: [] } as const;
const answered = (request: SipRequest | null): string[] =>
  request === null ? [] : sipResponse(request, ok, peer, "ours").toString("latin1").split("\r\n");
const readWith = (index: number, line: string): SipRequest | null => readSipRequest(lines.with(index, line).join("\r\n"));
const portOf = (via: string): number => responsePort(readWith(1, via) ?? ({ vias: [] } as never), peer);

/** Where there is an answer, it holds nothing but what belongs there. */
const check = (head: string): void => {
  const request = readSipRequest(head);
  if (request === null) return;
  const response = sipResponse(request, ok, peer, "ours").toString("latin1");
  expect(
    response
      .split("\r\n")
      .slice(1, -2)
      .every((line) => /^(Via|From|To|Call-ID|CSeq|Server|Content-Length): /.test(line)),
  ).toBe(true);
  expect(response.replaceAll("\r\n", "")).not.toMatch(/[\r\n\0]/);
  expect(responsePort(request, peer)).toBeLessThanOrEqual(65_535);
};

describe("SIP: what an answer repeats", () => {
  it("every Via in order, the newest with where the request came from; From, To with a tag, Call-ID and CSeq", () => {
    expect(answered(readSipRequest(lines.join("\r\n")))).toEqual([
      "SIP/2.0 200 OK",
      "Via: SIP/2.0/UDP pbx.lan:5062;branch=z9hG4bK1;rport=40000;received=192.0.2.77",
      "Via: SIP/2.0/UDP 198.51.100.9;branch=z9hG4bK0",
      'From: "PBX" <sip:pbx@pbx.lan>;tag=abc',
      "To: <sip:trunk@192.0.2.11>;tag=ours",
      "Call-ID: 1@pbx",
      "CSeq: 7 OPTIONS",
      "Server: Understudy",
      "Content-Length: 0",
      "",
      "",
    ]);
  });

  it("short forms, folded lines, several Vias in one header, a To that has its tag", () => {
    expect(answered(readWith(1, "v: SIP/2.0/UDP 192.0.2.77:5062;branch=a,\r\n SIP/2.0/UDP far;branch=b"))[1]).toBe(
      "Via: SIP/2.0/UDP 192.0.2.77:5062;branch=a, SIP/2.0/UDP far;branch=b",
    );
    expect(answered(readWith(4, "t: <sip:a@b>;tag=theirs"))[4]).toBe("To: <sip:a@b>;tag=theirs");
  });

  it("the answer goes to the source's port where that is asked for, else to the one in Via", () => {
    expect(portOf("Via: SIP/2.0/UDP pbx.lan:5062;branch=a;rport")).toBe(40_000);
    expect(portOf("Via: SIP/2.0/UDP [2001:db8::1]:5062;branch=a")).toBe(5_062);
    expect(portOf("Via: SIP/2.0/UDP pbx.lan;branch=a")).toBe(5_060);
    expect(portOf("Via: SIP/2.0/UDP pbx.lan:99999;branch=a")).toBe(40_000);
  });

  it.each([
    ["an answer", 0, "SIP/2.0 200 OK"],
    ["another protocol", 0, "GET / HTTP/1.1"],
    ["a Via that is none", 1, "Via: nonsense"],
    ["a From of nothing", 3, "From:"],
    ["two Call-IDs", 5, "Call-ID: 1\r\nCall-ID: 2"],
    ["another method's CSeq", 6, "CSeq: 7 INVITE"],
    ["a line break that only some take for one", 5, "Call-ID: 1\nX: y"],
    ["a NUL", 5, "Call-ID: 1\0"],
    ["hundreds of headers", 5, `Call-ID: 1\r\n${"X: y\r\n".repeat(100)}X: y`],
  ])("%s is no request", (_, index, line) => {
    expect(readWith(index, line)).toBeNull();
  });

  it("whatever comes, an answer has one status line, the headers that belong there, and nothing that a sender has smuggled in", () => {
    const piece = constantFrom(
      ...lines,
      ...lines.map((line) => line.toLowerCase()),
      "\r\n",
      "\n",
      "\r\n ",
      ";rport",
      ";received=x",
      ",",
      "\0",
    );
    const change = tuple(integer({ min: 0, max: 300 }), piece);
    const whole = lines.join("\r\n");
    const text = array(change, { maxLength: 8 }).map((changes) =>
      changes.reduce((built, [at, added]) => built.slice(0, at) + added + built.slice(at), whole),
    );
    assert(property(text, check), { numRuns: 2_000 });
    assert(property(string({ maxLength: 2_000 }), check));
    assert(property(uint8Array({ maxLength: 2_000 }), (bytes) => check(Buffer.from(bytes).toString("latin1"))));
  });
});
