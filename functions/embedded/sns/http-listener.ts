import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "pino";
import { answerRequest, isLinkAction } from "./answer-request.ts";
import type { Caller, EndpointContext } from "./endpoint-context.ts";
import { type KeyPair, signingCertificatePath } from "./endpoint-keys.ts";
import { linkDonePage, linkPage } from "./link-page.ts";
import { QueryError } from "./query-error.ts";
import { QueryRequest } from "./query-request.ts";
import { errorXml } from "./query-xml.ts";
import { type Credentials, checkSignature } from "./request-signature.ts";

/** The largest message, urlencoded, and what goes with it. */
const bodyBytesMax = 1_024 * 1_024;

export interface ListenerParts {
  readonly context: EndpointContext;
  readonly credentials: Credentials;
  /** Its certificate is served to whoever verifies messages. */
  readonly signing: KeyPair;
  readonly log: Logger;
}

/** The same for both listeners: the API, the links of messages, and the signing certificate. */
export function requestHandler(parts: ListenerParts): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const requestId = randomUUID();
    handle(request, response, parts, requestId).catch((error: unknown) => {
      if (!(error instanceof QueryError)) parts.log.error({ err: error, requestId }, "a request to the SNS endpoint failed");
      const told = error instanceof QueryError ? error : new QueryError("InternalError", "The request failed on the server; try it again.");
      if (response.headersSent || response.destroyed) return response.destroy();
      if (isPerson(request))
        return answer(response, told.status, "text/html", linkPage("This link does not work", told.message), requestId);
      answer(response, told.status, "text/xml", errorXml(told, requestId), requestId);
    });
  };
}

async function handle(request: IncomingMessage, response: ServerResponse, parts: ListenerParts, requestId: string): Promise<void> {
  const [path, query] = splitOnce(request.url ?? "/", "?");
  if (request.method === "GET" && path === signingCertificatePath(parts.signing)) {
    response.writeHead(200, { "content-type": "application/x-pem-file", "cache-control": "public, max-age=86400" });
    response.end(parts.signing.certificatePem);
    return;
  }
  if (path !== "/") throw new QueryError("NotFound", "There is nothing at this path");
  if (request.method !== "GET" && request.method !== "POST") throw new QueryError("InvalidAction", "Only GET and POST are answered");
  const body = request.method === "POST" ? await readForm(request) : "";
  const call = QueryRequest.parse(request.method === "POST" ? body : query);
  const caller = checkCaller(request, call, { path, query, body }, parts);
  const xml = answerRequest(call, parts.context, caller, requestId);
  if (isPerson(request)) return answer(response, 200, "text/html", linkDonePage(call.action), requestId);
  answer(response, 200, "text/xml", xml, requestId);
}

function checkCaller(
  request: IncomingMessage,
  call: QueryRequest,
  read: { readonly path: string; readonly query: string; readonly body: string },
  parts: ListenerParts,
): Caller {
  if (isLinkAction(call.action) && request.headers.authorization === undefined) return "anonymous";
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, [value].flat().join(",")]));
  const received = { method: request.method ?? "", headers, ...read };
  checkSignature(received, parts.context.region, parts.credentials, parts.context.nowMs());
  return "signed";
}

async function readForm(request: IncomingMessage): Promise<string> {
  const type = (request.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded") {
    throw new QueryError("MalformedQueryString", "The body must be application/x-www-form-urlencoded");
  }
  if (Number(request.headers["content-length"] ?? 0) > bodyBytesMax) throw tooLong();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw tooLong();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function tooLong(): QueryError {
  return new QueryError("InvalidParameter", `The request is longer than ${bodyBytesMax} bytes`);
}

/** A browser that opened a link of an e-mail. */
function isPerson(request: IncomingMessage): boolean {
  return request.method === "GET" && (request.headers.accept ?? "").includes("text/html");
}

function answer(response: ServerResponse, status: number, type: "text/xml" | "text/html", body: string, requestId: string): void {
  const headers = { "x-amzn-requestid": requestId, "cache-control": "no-store", "x-content-type-options": "nosniff" };
  const policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
  response.writeHead(status, { ...headers, "content-type": `${type}; charset=utf-8`, "content-security-policy": policy });
  response.end(body);
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
