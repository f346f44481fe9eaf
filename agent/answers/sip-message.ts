import { isIPv6 } from "node:net";

/** Whatever is longer is not read: OPTIONS need a tenth of it. */
export const sipBytesMax = 8_192;
const headersMax = 64;
const shortForms: Readonly<Record<string, string>> = { v: "via", f: "from", t: "to", i: "call-id", l: "content-length" };

/** A request, as far as an answer has to repeat it (RFC 3261, 8.2.6.2). */
export interface SipRequest {
  readonly method: string;
  /** All of them, the newest first. */
  readonly vias: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly cseq: string;
}

export interface SipPeer {
  readonly address: string;
  readonly port: number;
}

/** `head`: everything before the empty line. Null for what is no request, or a broken one: nothing of it would be repeated. */
export function readSipRequest(head: string): SipRequest | null {
  // A header may go on in the next line, where that begins with a space (7.3.1). Any other control character is somebody's trick.
  const [start = "", ...lines] = head.replaceAll(/\r\n[ \t]+/g, " ").split("\r\n");
  const method = /^([A-Z]{1,20}) \S{1,512} SIP\/2\.0$/.exec(start)?.[1];
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  if (method === undefined || lines.length > headersMax || /[\0-\x08\n-\x1f\x7f]/.test(lines.join(""))) return null;
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase();
    return { name: shortForms[name] ?? name, value: line.slice(colon + 1).trim() };
  });
  const only = (name: string): string => {
    const [found, ...more] = headers.filter((header) => header.name === name);
    return more.length === 0 ? (found?.value ?? "") : "";
  };
  const vias = headers.filter(({ name }) => name === "via").map(({ value }) => value);
  const [from, to, callId, cseq] = [only("from"), only("to"), only("call-id"), only("cseq")];
  const isWhole = /^SIP\/2\.0\/[A-Z]{2,4} \S/.test(vias[0] ?? "") && from !== "" && to !== "" && callId !== "";
  return isWhole && new RegExp(`^\\d{1,10} +${method}$`).test(cseq) ? { method, vias, from, to, callId, cseq } : null;
}

export interface SipAnswer {
  readonly status: 200 | 405 | 503;
  readonly words: string;
  readonly headers: readonly string[];
}

/** `tag`: what this side adds to the dialog where the request has none. */
export function sipResponse(request: SipRequest, { status, words, headers }: SipAnswer, peer: SipPeer, tag: string): Buffer {
  const [top = "", ...others] = request.vias;
  const lines = [
    `SIP/2.0 ${status} ${words}`,
    ...[stampedVia(top, peer), ...others].map((via) => `Via: ${via}`),
    `From: ${request.from}`,
    `To: ${request.to}${/;\s*tag=/i.test(request.to) ? "" : `;tag=${tag}`}`,
    `Call-ID: ${request.callId}`,
    `CSeq: ${request.cseq}`,
    ...headers,
    "Server: Understudy",
    "Content-Length: 0",
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
}

/** Says in the newest Via where the request really came from: `received` (18.2.1), and `rport` where it is asked for (RFC 3581). */
function stampedVia(via: string, { address, port }: SipPeer): string {
  const comma = via.indexOf(",");
  const [first, rest] = comma === -1 ? [via, ""] : [via.slice(0, comma).trimEnd(), via.slice(comma)];
  const bare = first.replaceAll(/;\s*received=[^;]*/gi, "");
  const wantsPort = /;\s*rport\s*(?=;|$)/i.test(bare);
  if (!wantsPort && hostOf(bare) === address) return `${bare}${rest}`;
  return `${bare.replace(/;\s*rport\s*(?=;|$)/i, `;rport=${port}`)};received=${address}${rest}`;
}

/** Where a response over UDP goes: to the address that the request came from, and to the port that its Via names unless it asks for the source's. */
export function responsePort({ vias }: SipRequest, { port }: SipPeer): number {
  const first = (vias[0] ?? "").split(",")[0] ?? "";
  if (/;\s*rport/i.test(first)) return port;
  const named = Number(/^\S+ +(?:\[[^\]]*\]|[^\s:;]+):(\d{1,5})/.exec(first)?.[1] ?? 5_060);
  return named >= 1 && named <= 65_535 ? named : port;
}

function hostOf(via: string): string {
  const host = /^\S+ +(\[[^\]]*\]|[^\s:;]+)/.exec(via)?.[1] ?? "";
  const inner = host.startsWith("[") ? host.slice(1, -1) : host;
  return isIPv6(inner) ? inner.toLowerCase() : inner;
}
