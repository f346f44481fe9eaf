import { describe, expect, it } from "vitest";
import { readExchanges } from "./sip-exchange.ts";

/** As sipp 3.6 writes them. */
const line = (seconds: number, way: "S" | "R", call: string, request: string, first: string): string =>
  ["2026-11-21", "18:42:57.236738", seconds.toFixed(6), way, `${call}-3893@10.77.0.3`, `CSeq:${request}`, first].join("\t");

const ok = "SIP/2.0 200 OK";
const invite = "INVITE sip:phone-1@10.77.0.100 SIP/2.0";
const bye = "BYE sip:phone-1@10.77.0.3 SIP/2.0";
const answered = [
  line(10, "S", "1", "1 INVITE", invite),
  line(10.5, "S", "1", "1 INVITE", invite),
  line(10.6, "R", "1", "1 INVITE", "SIP/2.0 100 trying"),
  line(10.7, "R", "1", "1 INVITE", ok),
  line(10.7, "S", "1", "1 ACK", "ACK sip:phone-1@10.77.0.3 SIP/2.0"),
];

describe("a call in sipp's record of messages", () => {
  it("answered, and ended by the caller: complete, with the time of its answer and how often it was tried again", () => {
    const ended = [line(10.8, "S", "1", "2 BYE", bye), line(10.9, "R", "1", "2 BYE", ok)];
    expect(readExchanges([...answered, ...ended, ""].join("\n"))).toEqual([
      { callId: "1-3893@10.77.0.3", begunMs: 10_000, acceptedMs: 10_700, isComplete: true, isStranded: false, repeats: 1 },
    ]);
  });

  it.each([
    ["whose end nobody confirmed", [...answered, line(10.8, "S", "1", "2 BYE", bye)]],
    [
      "whose end was confirmed by the answer to its begin, come once more",
      [...answered, line(10.8, "S", "1", "2 BYE", bye), line(11, "R", "1", "1 INVITE", ok)],
    ],
    ["that its record leaves in the middle", answered],
    ["that was refused", [line(10, "S", "1", "1 INVITE", invite), line(10.1, "R", "1", "1 INVITE", "SIP/2.0 404 Not Found")]],
    ["that nobody answered", [line(10, "S", "1", "1 INVITE", invite)]],
  ])("one %s is not complete", (_which, lines) => {
    expect(readExchanges(lines.join("\n")).map(({ isComplete }) => isComplete)).toEqual([false]);
  });

  it("a server has taken it, and nobody answers: stranded; not so where somebody refuses it", () => {
    const taken = [line(10, "S", "1", "1 INVITE", invite), line(10.1, "R", "1", "1 INVITE", "SIP/2.0 100 trying")];
    const refused = [...taken, line(10.2, "R", "1", "1 INVITE", "SIP/2.0 404 Not Found")];
    const stranded = [taken, refused, taken.slice(0, 1), answered].map((lines) => readExchanges(lines.join("\n"))[0]?.isStranded);
    expect(stranded).toEqual([true, false, false, false]);
  });

  it("a registration is complete with its 200; each is told by itself", () => {
    const register = "REGISTER sip:10.77.0.100:5060 SIP/2.0";
    const lines = [
      line(1, "S", "1", "1 REGISTER", register),
      line(1.01, "S", "2", "1 REGISTER", register),
      line(1.02, "R", "2", "1 REGISTER", "SIP/2.0 500 Server Internal Error"),
      line(1.03, "R", "1", "1 REGISTER", ok),
    ];
    expect(readExchanges(lines.join("\n")).map(({ isComplete, acceptedMs }) => [isComplete, acceptedMs])).toEqual([
      [true, 1_030],
      [false, null],
    ]);
  });
});
