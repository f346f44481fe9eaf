import { isIP } from "node:net";
import { quoted } from "./health-check.ts";

/** One OPTIONS request of SIP (RFC 3261), and what its answers must repeat. */
export interface SipOptions {
  readonly bytes: Buffer;
  readonly branch: string;
  readonly callId: string;
}

/** Where the request goes, from where, and what makes it unlike every other: a random text of letters and digits. */
export interface SipOptionsTarget {
  readonly host: string;
  readonly port: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly token: string;
}

export function sipOptions({ host, port, localAddress, localPort, token }: SipOptionsTarget): SipOptions {
  const [there, here] = [`${inUri(host)}:${port}`, `${inUri(localAddress)}:${localPort}`];
  // Every branch of RFC 3261 begins with these seven letters.
  const branch = `z9hG4bK${token}`;
  const callId = `${token}@understudy`;
  const lines = [
    `OPTIONS sip:${there} SIP/2.0`,
    `Via: SIP/2.0/UDP ${here};branch=${branch};rport`,
    "Max-Forwards: 70",
    `From: <sip:understudy@${here}>;tag=${token}`,
    `To: <sip:${there}>`,
    `Call-ID: ${callId}`,
    "CSeq: 1 OPTIONS",
    `Contact: <sip:understudy@${here}>`,
    "Accept: application/sdp",
    "User-Agent: Understudy",
    "Content-Length: 0",
    "",
    "",
  ];
  return { bytes: Buffer.from(lines.join("\r\n")), branch, callId };
}

/** The final answer's status and words. Null for what is no answer to this request, or not yet the final one. */
export function finalAnswer(datagram: Buffer, { branch, callId }: SipOptions): { readonly status: number; readonly words: string } | null {
  const [head = ""] = datagram.toString("latin1").split("\r\n\r\n", 1);
  const [start = "", ...headers] = head.split("\r\n");
  const [, code, words = ""] = /^SIP\/2\.0 ([1-6][0-9]{2})(?: (.*))?$/.exec(start) ?? [];
  if (code === undefined || Number(code) < 200) return null;
  const isOurs = valueOf(headers, "call-id", "i") === callId && valueOf(headers, "via", "v")?.includes(`branch=${branch}`) === true;
  return isOurs ? { status: Number(code), words: quoted(words) } : null;
}

/** Of a header by its name or its short form; the first one, where there are several. */
function valueOf(headers: readonly string[], name: string, short: string): string | undefined {
  for (const header of headers) {
    const colon = header.indexOf(":");
    const found = header.slice(0, colon).trim().toLowerCase();
    if (colon > 0 && (found === name || found === short)) return header.slice(colon + 1).trim();
  }
  return undefined;
}

function inUri(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}
