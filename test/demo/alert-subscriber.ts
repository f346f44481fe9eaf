import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import { alertSchema } from "../../shared/protocol/alert-schema.ts";
import { isAccepted, MessageVerifier, routeHttpsTo, type Verdicts } from "./message-verifier.ts";

/**
 * A subscriber as a customer would write one: an HTTP server that believes no message before both validators have
 * accepted it, confirms its subscription, and prints each verified message as one JSON line.
 */
const { values } = parseArgs({ options: { port: { type: "string" }, "endpoint-tls": { type: "string" }, ca: { type: "string" } } });
const tlsEndpoint = URL.parse(`https://${values["endpoint-tls"] ?? ""}`);
if (values.port === undefined || values.ca === undefined || tlsEndpoint === null) {
  console.error("usage: alert-subscriber --port PORT --endpoint-tls HOST:PORT --ca FILE");
  process.exit(2);
}
routeHttpsTo(tlsEndpoint.hostname, Number(tlsEndpoint.port), values.ca);

const bodyBytesMax = 1_024 * 1_024;
const verifier = new MessageVerifier();

const server = createServer((request, response) => {
  receive(request, response).catch((error: unknown) => {
    console.error("a message could not be handled:", error);
    // Not 2xx: the message is kept and comes again.
    if (!response.headersSent) response.writeHead(500).end();
  });
});
server.listen(Number(values.port), "127.0.0.1", () => print({ type: "listening", port: (server.address() as AddressInfo).port }));
for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => process.exit(0));

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request);
  const signatures = await verifier.verdicts(body);
  if (!isAccepted(signatures)) {
    print({ type: "rejected", signatures });
    response.writeHead(403).end();
    return;
  }
  const message = JSON.parse(body) as Readonly<Record<string, string>>;
  if (message["Type"] === "SubscriptionConfirmation") await confirm(message["SubscribeURL"] ?? "");
  print(summary(message, signatures));
  response.writeHead(200).end();
}

/** The URL stood in the signed message, so it is the endpoint's own. */
async function confirm(subscribeUrl: string): Promise<void> {
  const answer = await fetch(subscribeUrl, { redirect: "error", signal: AbortSignal.timeout(10_000) });
  if (!answer.ok) throw new Error(`the subscription could not be confirmed: HTTP status ${answer.status}, ${await answer.text()}`);
}

function summary(message: Readonly<Record<string, string>>, signatures: Verdicts): object {
  const { Type: type, MessageId: messageId, Subject: subject, SignatureVersion: signatureVersion } = message;
  const about = { type, messageId, subject, signatureVersion, signatures, at: new Date().toISOString() };
  if (type !== "Notification") return about;
  const { alertId, kind, severity, sentence } = alertSchema.parse(JSON.parse(message["Message"] ?? ""));
  return { ...about, alertId, kind, severity, sentence };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw new Error(`a message is longer than ${bodyBytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
