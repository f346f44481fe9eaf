import { readSipRequest, responsePort, sipBytesMax, sipResponse } from "../../../agent/answers/sip-message.ts";
import { finalAnswer, sipOptions } from "../../../agent/checks/sip-options.ts";
import { bytesOf, type FuzzTarget, promise, textOf } from "../fuzz-target.ts";

const peer = { address: "192.0.2.9", port: 5_061 };
const asked = sipOptions({ host: "192.0.2.1", port: 5_060, localAddress: "192.0.2.2", localPort: 5_062, token: "abc123" });
const answer = { status: 200, words: "OK", headers: ["Allow: OPTIONS"] } as const;
const linesAlways = 8;

export const sip: FuzzTarget = {
  name: "sip",
  reads: "SIP requests to a node, by anybody on the network, and answers to its own",
  share: 200,
  seeds: [
    asked.bytes,
    bytesOf(
      `SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.2:5062;branch=${asked.branch};rport\r\nCall-ID: ${asked.callId}\r\nContent-Length: 0\r\n\r\n`,
    ),
    bytesOf(
      "OPTIONS sip:x SIP/2.0\r\nv: SIP/2.0/UDP [2001:db8::1]:5060;branch=z9;received=1.2.3.4,\r\n SIP/2.0/TCP h\r\nf: <sip:a>\r\nt: b;tag=1\r\ni: 1\r\nCSeq: 1 OPTIONS\r\n\r\n",
    ),
  ],
  words: ["\r\n", "\r\n ", "\r", "\n", "Via: ", "Via: SIP/2.0/UDP h\r\n", ";rport", ";received=", ",", "CSeq: 1 OPTIONS\r\n", "\t"],
  execute: (input) => {
    const [head = ""] = Buffer.from(input).subarray(0, sipBytesMax).toString("latin1").split("\r\n\r\n", 1);
    const request = readSipRequest(head);
    const isFinal = finalAnswer(Buffer.from(input), asked) !== null;
    if (request === null) return isFinal ? "accepted" : "refused";
    const port = responsePort(request, peer);
    promise(port >= 1 && port <= 65_535, "an answer goes to a port that is none");
    const response = sipResponse(request, answer, peer, "tag");
    const lines = response.toString("latin1").split("\r\n");
    promise(lines.length === request.vias.length + linesAlways + 2, "somebody's header has become two");
    promise(
      lines.every((line) => !/[\r\n\0]/.test(line)),
      "a line of the answer breaks",
    );
    promise(lines.includes(`Call-ID: ${request.callId}`), "an answer has another call's id");
    promise(textOf(response).includes("SIP/2.0 200 OK"), "an answer without its status");
    return "accepted";
  },
};
