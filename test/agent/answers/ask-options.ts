import { randomUUID } from "node:crypto";
import { createSocket } from "node:dgram";
import { connect } from "node:net";

export type Transport = "UDP" | "TCP";

const answersWithinMs = 1_000;

/** The status that a SIP endpoint answers to OPTIONS, as a PBX sends them to its trunks; null where it does not answer within a second. */
export function askOptions(transport: Transport, host: string, port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const call = randomUUID();
    const request = [
      `OPTIONS sip:trunk@${host} SIP/2.0`,
      `Via: SIP/2.0/${transport} ${host}:${port};branch=z9hG4bK${call};rport`,
      "Max-Forwards: 70",
      "From: <sip:pbx@example.test>;tag=1",
      "To: <sip:trunk@example.test>",
      `Call-ID: ${call}`,
      "CSeq: 1 OPTIONS",
      "Content-Length: 0",
    ];
    const bytes = `${request.join("\r\n")}\r\n\r\n`;
    const close = transport === "UDP" ? overUdp(bytes, host, port, settle) : overTcp(bytes, host, port, settle);
    const patience = setTimeout(() => settle(null), answersWithinMs);
    function settle(answer: string | null): void {
      clearTimeout(patience);
      close();
      const status = /^SIP\/2\.0 (\d{3}) /.exec(answer ?? "")?.[1];
      resolve(status === undefined ? null : Number(status));
    }
  });
}

/** Nobody at the port is an answer, too: none. */
function overUdp(bytes: string, host: string, port: number, settle: (answer: string | null) => void): () => void {
  const socket = createSocket("udp4");
  socket.once("message", (answer) => settle(answer.toString("latin1")));
  socket.on("error", () => settle(null));
  socket.connect(port, host, () => socket.send(bytes));
  let isOpen = true;
  return () => {
    if (isOpen) socket.close();
    isOpen = false;
  };
}

function overTcp(bytes: string, host: string, port: number, settle: (answer: string | null) => void): () => void {
  const socket = connect(port, host, () => socket.write(bytes));
  socket.setEncoding("latin1").once("data", (answer: string) => settle(answer));
  socket.on("error", () => settle(null));
  return () => socket.destroy();
}
