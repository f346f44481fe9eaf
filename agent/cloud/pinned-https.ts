import { createHash } from "node:crypto";
import { request } from "node:https";
import { connect, type DetailedPeerCertificate, type TLSSocket } from "node:tls";
import { AgentError, reasonOf, systemErrorCode } from "../agent-error.ts";
import { type HttpsAnswer, httpsAnswer } from "./https-answer.ts";

const timeoutMs = 10_000;
const answerBytesMax = 1_024 * 1_024;
/** The control plane's clock and this node's may differ by this much, the answer's whole seconds included. */
const clockDifferenceMsMax = 60_000;

/** The control plane's API, checked against the certificate that the join token names. */
export interface PinnedHttps {
  /** By so much its clock is ahead of this server's at least, in milliseconds, negative: behind; 0 where whole seconds tell of no difference. */
  readonly clockAheadMs: number;
  post(path: string, body: unknown): Promise<HttpsAnswer>;
}

/**
 * Finds the certificate with the given fingerprint in the server's chain and trusts it, and it alone, from then on; without a
 * fingerprint, public roots are trusted. Also compares the clocks: a wrong one makes certificates and licences look invalid.
 * Throws `AgentError`: cloud-unreachable, cloud-not-trusted or clock-wrong.
 */
export async function openPinnedHttps(apiUrl: string, caSha256: string | undefined): Promise<PinnedHttps> {
  const url = new URL(apiUrl);
  return openHttps(url, caSha256 === undefined ? undefined : await pinnedCertificate(url, caSha256));
}

/** The same with certificates (PEM) that are trusted already; undefined: the public roots. */
export async function openHttps(url: URL, ca: string | undefined): Promise<PinnedHttps> {
  const call = (method: string, path: string, body?: unknown) => send(new URL(path, url), method, ca, body);
  const askedMs = Date.now();
  const { date } = await call("GET", "/v1/openapi.json");
  checkClock(url, date);
  return { clockAheadMs: clockAhead(date, askedMs, Date.now()), post: (path, body) => call("POST", path, body) };
}

/** To a control plane whose roots are known since the enrolment; undefined: public ones. Throws `AgentError` as `openPinnedHttps`. */
export function postToCloud(apiUrl: string, caPem: string | undefined, path: string, body: unknown): Promise<HttpsAnswer> {
  return send(new URL(path, apiUrl), "POST", caPem, body);
}

/** For whoever calls the API with a key: nothing is sent but to a server that shows the certificate (public roots without). Throws `AgentError`. */
export async function openCaller(apiUrl: string, caSha256: string | undefined) {
  const url = new URL(apiUrl);
  const ca = caSha256 === undefined ? undefined : await pinnedCertificate(url, caSha256);
  return (method: string, path: string, body: unknown, headers: Readonly<Record<string, string>>): Promise<HttpsAnswer> =>
    send(new URL(path, url), method, ca, body, headers);
}

/** PEM of the certificate in the server's chain that has the fingerprint. Nothing is sent before it is found. */
function pinnedCertificate(url: URL, caSha256: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const socket = connect({ host, port: Number(url.port || 443), rejectUnauthorized: false, servername: servername(host) });
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error("it did not answer in time")));
    socket.once("error", (error) => reject(connectionError(url, error)));
    socket.once("secureConnect", () => {
      const found = chainOf(socket).find((raw) => createHash("sha256").update(raw).digest("hex") === caSha256);
      socket.destroy();
      if (found !== undefined) return resolve(`-----BEGIN CERTIFICATE-----\n${found.toString("base64")}\n-----END CERTIFICATE-----\n`);
      const message = `${url.origin} does not show the certificate that the join token names: this is not the control plane that issued the token.`;
      reject(
        new AgentError("cloud-not-trusted", message, "Create a new join token; if it happens again, find out who answers at that address."),
      );
    });
  });
}

function servername(host: string): string {
  return /^[0-9.]+$|:/.test(host) ? "" : host;
}

function chainOf(socket: TLSSocket): Buffer[] {
  const chain: Buffer[] = [];
  let certificate: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (certificate?.raw !== undefined && chain.length < 10) {
    const { raw } = certificate;
    if (chain.some((known) => known.equals(raw))) break;
    chain.push(raw);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

function send(
  url: URL,
  method: string,
  ca: string | undefined,
  body: unknown,
  more: Readonly<Record<string, string>> = {},
): Promise<HttpsAnswer> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const ofBody = text === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
  const headers = { ...more, ...ofBody };
  const outgoing = request(url, { method, headers, timeout: timeoutMs, ...(ca === undefined ? {} : { ca, allowPartialTrustChain: true }) });
  outgoing.once("timeout", () => outgoing.destroy(new Error("it did not answer in time")));
  outgoing.end(text);
  return httpsAnswer(outgoing, answerBytesMax).catch((error: unknown) => {
    throw connectionError(url, error);
  });
}

const setClock = "Set this server's clock (timedatectl set-ntp true), then join again: the token has not been used.";

/** `date` is cut to the second, and was written between the question and its answer: only what lies beyond that is certain. */
function clockAhead(date: string | undefined, askedMs: number, answeredMs: number): number {
  const saidMs = Date.parse(date ?? "");
  if (Number.isNaN(saidMs)) return 0;
  return Math.max(0, saidMs - answeredMs) + Math.min(0, saidMs + 1_000 - askedMs);
}

function checkClock(url: URL, date: string | undefined): void {
  const difference = date === undefined ? 0 : Date.parse(date) - Date.now();
  if (Number.isNaN(difference) || Math.abs(difference) <= clockDifferenceMsMax) return;
  const direction = difference > 0 ? "slow" : "fast";
  const message = `This server's clock is ${Math.round(Math.abs(difference) / 1_000)} s ${direction} compared with ${url.origin}.`;
  throw new AgentError("clock-wrong", message, setClock);
}

function connectionError(url: URL, error: unknown): AgentError {
  const code = systemErrorCode(error) ?? "";
  if (code === "CERT_NOT_YET_VALID" || code === "CERT_HAS_EXPIRED") {
    const message = `By this server's clock (${new Date().toISOString()}) the certificate of ${url.origin} is not valid: ${reasonOf(error)}.`;
    return new AgentError("clock-wrong", message, setClock, error);
  }
  if (/CERT|SSL|TLS|SIGNATURE|VERIFY|ISSUER/.test(code)) {
    const nextStep =
      "Check that the address in the token is the control plane's own, and that nothing on the way replaces its certificate.";
    return new AgentError("cloud-not-trusted", `The certificate of ${url.origin} cannot be trusted: ${reasonOf(error)}.`, nextStep, error);
  }
  const nextStep = `Check that this server reaches ${url.host} (DNS, routing, firewall), then join again: the token has not been used.`;
  return new AgentError(
    "cloud-unreachable",
    `The control plane at ${url.origin} cannot be reached: ${reasonOf(error) || code}.`,
    nextStep,
    error,
  );
}
