import { readQuery } from "../../../agent/dns/dns-query.ts";
import { encodeResponse, udpBytesMost } from "../../../agent/dns/dns-response.ts";
import { decodeAnswer, encodeRequest, recordClasses, recordTypes } from "../../../agent/dns/dns-wire.ts";
import { replyTo } from "../../../agent/dns/zone-reply.ts";
import { answeredName, answeredZone, answeringDocument, dnsAnswer, groupWith, nodeIds } from "../../agent/dns/answered-zone.ts";
import { type FuzzTarget, promise } from "../fuzz-target.ts";

const document = answeringDocument([groupWith([dnsAnswer("phones"), dnsAnswer("deep", { domainName: `one.two.${answeredZone}` })])]);
const contents = { document, holderOf: () => nodeIds[0] ?? null };
const question = (name: string, type: number) => encodeRequest({ id: 7, opcode: 0, questions: [{ name, type, class: recordClasses.IN }] });

function withOpt(bytes: Buffer): Buffer {
  const opt = Buffer.from([0, 0, 41, 4, 0xd0, 0, 0, 0, 0, 0, 0]);
  const whole = Buffer.concat([bytes, opt]);
  whole.writeUInt16BE(1, 10);
  return whole;
}

export const dnsQuestion: FuzzTarget = {
  name: "dns-question",
  reads: "questions to a node's own DNS port, by anybody on the network, and what is answered",
  share: 200,
  seeds: [
    question(answeredName, recordTypes.A),
    question(answeredZone, recordTypes.SOA),
    question(`two.${answeredZone}`, recordTypes.ANY),
    withOpt(question(answeredName, recordTypes.AAAA)),
    question("example.com", recordTypes.A),
  ],
  execute: (input) => {
    const query = readQuery(Buffer.from(input));
    if (query === null) return "refused";
    const reply = replyTo(query, contents);
    for (const transport of ["udp", "tcp"] as const) {
      const bytes = encodeResponse(query, reply, transport);
      promise(transport === "tcp" || bytes.length <= udpBytesMost, "a datagram is longer than one may be");
      promise(decodeAnswer(bytes).id === query.id, "an answer is to another question");
    }
    return reply.rcode === 0 ? "accepted" : "refused";
  },
};
