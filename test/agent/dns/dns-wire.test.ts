import { array, assert, constantFrom, nat, oneof, property, record as recordOf, stringMatching, tuple, uint8Array } from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeAnswer,
  decodeText,
  encodeName,
  encodeRecord,
  encodeRequest,
  encodeText,
  recordClasses,
  recordTypes,
} from "../../../agent/dns/dns-wire.ts";
import { addressBytes } from "../../../agent/dns/record-update.ts";
import { domainNameSchema } from "../../../shared/protocol/id-schemas.ts";

const label = stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
const name = array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join("."));
const record = recordOf({
  name,
  // The data of a name server are a name, and no bytes as they come.
  type: constantFrom(...Object.values(recordTypes).filter((type) => type !== recordTypes.NS)),
  class: constantFrom(...Object.values(recordClasses)),
  ttl: nat(),
  data: uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});

/** A request that says of itself that it is an answer. */
const asAnswer = (request: Buffer): Buffer => {
  const answer = Buffer.from(request);
  answer[2] = (answer[2] ?? 0) | 0x80;
  return answer;
};

describe("DNS messages", () => {
  it("what is written is read back", () => {
    assert(
      property(nat(0xffff), name, array(record, { maxLength: 4 }), (id, asked, answers) => {
        const questions = [{ name: asked, type: recordTypes.A, class: recordClasses.IN }];
        const read = decodeAnswer(asAnswer(encodeRequest({ id, opcode: 5, questions, answers })));
        expect(read).toMatchObject({ id, opcode: 5, rcode: 0, last: null });
        expect(read.answers).toEqual(answers);
      }),
    );
  });

  it("whatever the bytes, reading ends, and with an error or a message", () => {
    const bytes = oneof(
      uint8Array({ maxLength: 600 }),
      tuple(array(record, { minLength: 1, maxLength: 3 }), array(tuple(nat(200), nat(255)), { maxLength: 6 })).map(([answers, changes]) => {
        const message = encodeRequest({ id: 1, opcode: 0, questions: [], answers });
        for (const [at, value] of changes) message[at % message.length] = value;
        return message;
      }),
    );
    assert(
      property(bytes, (raw) => {
        try {
          expect(decodeAnswer(asAnswer(Buffer.from(raw))).answers.length).toBeLessThanOrEqual(raw.length);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("a name whose pointers lead round, or forward, is refused", () => {
    const header = Buffer.from([0, 1, 0x80, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
    const round = Buffer.concat([header, Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0])]);
    expect(() => decodeAnswer(round)).toThrow(/points forward/);
  });

  it("texts", () => {
    expect(decodeText(encodeText("epoch=7"))).toBe("epoch=7");
    expect(decodeText(Buffer.concat([encodeText("one "), encodeText("two")]))).toBe("one two");
    expect(() => encodeText("x".repeat(256))).toThrow(/at most 255/);
    expect(() => decodeText(Buffer.of(9, 65))).toThrow(/broken/);
  });

  it("addresses, as they stand in records", () => {
    expect(addressBytes("192.0.2.200").toString("hex")).toBe("c00002c8");
    const shown = ["2001:db8::1", "::", "1:2:3:4:5:6:7:8", "::ffff:192.0.2.1", "fe80::"].map((address) =>
      addressBytes(address).toString("hex"),
    );
    expect(shown).toEqual([
      "20010db8000000000000000000000001",
      "00000000000000000000000000000000",
      "00010002000300040005000600070008",
      "00000000000000000000ffffc0000201",
      "fe800000000000000000000000000000",
    ]);
  });

  it("every name that a cluster document may hold can be written", () => {
    expect(() => encodeName(`_understudy-aaaa.${"a.".repeat(114)}bb`)).not.toThrow();
    expect(domainNameSchema.safeParse(`${"a.".repeat(114)}bb`).success).toBe(true);
    for (const wrong of ["", "a..b", "a.", "-a.b", "A.b", "a b", `${"a".repeat(64)}.b`, "a.".repeat(200)])
      expect(domainNameSchema.safeParse(wrong).success, wrong).toBe(false);
    expect(encodeRecord({ name: "a", type: 1, class: 1, ttl: 1, data: Buffer.alloc(0) })).toHaveLength(13);
  });
});
