import {
  addressesIn,
  decodeAnswer,
  decodeText,
  encodeName,
  encodeRequest,
  recordClasses,
  recordTypes,
} from "../../../agent/dns/dns-wire.ts";
import { signRequest, type TsigKey, verifyAnswer } from "../../../agent/dns/tsig.ts";
import { type FuzzTarget, promise, sameAs } from "../fuzz-target.ts";

const key: TsigKey = { name: "phones-key", secret: Buffer.alloc(32, 7) };
const seconds = 1_795_000_000;
const record = (name: string, type: number, data: Buffer) => ({ name, type, class: recordClasses.IN, ttl: 5, data });
const questions = [{ name: "phones.example.test", type: recordTypes.A, class: recordClasses.IN }];

function asAnswer(request: Buffer): Buffer {
  const answer = Buffer.from(request);
  answer.writeUInt8(answer.readUInt8(2) | 0x80, 2);
  return answer;
}

const plain = asAnswer(
  encodeRequest({
    id: 7,
    opcode: 0,
    questions,
    answers: [
      record("phones.example.test", recordTypes.A, Buffer.from([192, 0, 2, 1])),
      record("phones.example.test", recordTypes.AAAA, Buffer.alloc(16, 1)),
      record("phones.example.test", recordTypes.TXT, Buffer.from("\x07epoch=7\x01x", "latin1")),
      record("example.test", recordTypes.NS, encodeName("ns1.example.test")),
    ],
  }),
);
/** Names that lean on each other, as servers write them. */
const leaning = Buffer.concat([
  asAnswer(encodeRequest({ id: 7, opcode: 0, questions }))
    .fill(0, 6, 7)
    .fill(40, 7, 8),
  ...Array.from({ length: 40 }, () => Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 192, 0, 2, 1])),
]);
const signed = signRequest(plain, key, seconds);

export const dnsAnswer: FuzzTarget = {
  name: "dns-answer",
  reads: "answers of DNS servers, signed and unsigned, by whoever can send to this node",
  share: 50,
  seeds: [plain, leaning, signed.bytes],
  execute: (input) => {
    let answer: ReturnType<typeof decodeAnswer>;
    const bytes = Buffer.from(input);
    try {
      answer = decodeAnswer(bytes);
    } catch (error) {
      // It says in words why it is none; anything else is a fault of the reader's own.
      if (error instanceof Error && error.constructor === Error) return "refused";
      throw error;
    }
    const all = [...answer.answers, ...answer.authorities, ...answer.additionals];
    promise(all.length * 11 <= input.length, "an answer has more records than it has bytes");
    promise(
      all.every(({ name }) => name.length <= 255),
      "a name is longer than names are",
    );
    promise(
      addressesIn(all).every((address) => URL.canParse(address.includes(":") ? `http://[${address}]` : `http://${address}`)),
      "an address that is none",
    );
    for (const { data } of all) readText(data);
    const verdict = verifyAnswer(bytes, answer, key, signed.mac, seconds);
    promise(verdict.is === "refused", "an answer is believed that nobody has signed");
    sameAs(decodeAnswer(Buffer.from(input)).answers, answer.answers, "the same answer");
    return "accepted";
  },
};

function readText(data: Buffer): void {
  try {
    promise(decodeText(data).length <= data.length, "a text is longer than its bytes");
  } catch (error) {
    if (!(error instanceof Error && error.message.includes("broken"))) throw error;
  }
}
