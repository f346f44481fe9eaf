import { createHash, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer as createHttp, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttps } from "node:https";
import type { Logger } from "pino";
import { limits } from "../../shared/config/limits.ts";
import type { GroupName } from "../../shared/domain/ids.ts";
import type { Trigger } from "../../shared/domain/triggers/trigger.ts";
import { AgentError, reasonOf } from "../agent-error.ts";
import type { TriggerSettings } from "../config/trigger-settings.ts";
import { AskRate } from "../dns/ask-rate.ts";
import { listenError, triggersPort } from "../link/listen-error.ts";
import { parseJson } from "../storage/parse-json.ts";
import { NotHere, type TriggerRunner } from "./trigger-runner.ts";

const connectionsMax = 256;
const headerBytesMax = 8_192;
const requestTimeoutMs = 10_000;
/** Of one address; more is answered with 429 until the second is over. */
const requestsPerSecondMax = 10;
const keyPattern = /^[\x21-\x7e]{1,200}$/;

export interface TriggerEndpointOptions {
  readonly host: string;
  readonly settings: NonNullable<TriggerSettings["webhooks"]>;
  readonly runner: Pick<TriggerRunner, "triggers" | "setOff">;
  readonly holderOf: (group: GroupName) => string | null;
  readonly log: Pick<Logger, "error">;
  readonly nowMs: () => number;
}

/** A request that is not carried out; `nextStep`: what its sender can do. */
class RequestRefused extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;

  constructor(
    status: 400 | 401 | 404 | 405 | 413 | 429 | 503,
    message: string,
    nextStep: string,
    more: { readonly headers?: Readonly<Record<string, string>>; readonly holder?: string | null } = {},
  ) {
    super(message);
    const { headers = {}, ...rest } = more;
    this.status = status;
    this.headers = headers;
    this.body = { error: { message, nextStep }, ...rest };
  }
}

/**
 * `POST /triggers/NAME` with `Authorization: Bearer TOKEN`, and at most a body of JSON: 202 once the occurrence is noted, with its id and whether another
 * node has it already. The same `Idempotency-Key` within a day is the same occurrence. Throws `AgentError` ("port-unavailable", "bad-settings").
 */
export async function openTriggerEndpoint(options: TriggerEndpointOptions): Promise<{ close(): Promise<void> }> {
  const { host, settings, log } = options;
  const bounds = { maxHeaderSize: headerBytesMax, requestTimeout: requestTimeoutMs };
  const rate = new AskRate(options.nowMs, requestsPerSecondMax);
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    answerTo(request, options, rate)
      .then((body) => send(response, 202, body, {}))
      .catch((error: unknown) => refuse(response, error, log));
  };
  const server =
    settings.tls === "off" ? createHttp(bounds, listener) : createHttps({ ...bounds, ...(await certificate(settings.tls)) }, listener);
  server.maxConnections = connectionsMax;
  await listening(server, settings.host ?? host, settings.port);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answerTo(
  request: IncomingMessage,
  options: TriggerEndpointOptions,
  rate: AskRate,
): Promise<Readonly<Record<string, unknown>>> {
  if (!rate.allows(request.socket.remoteAddress ?? ""))
    throw new RequestRefused(429, "too many requests", "Wait a second, and send fewer.", { headers: { "retry-after": "1" } });
  const name = /^\/triggers\/([a-z0-9-]{1,63})$/.exec(request.url ?? "")?.[1];
  const trigger = options.runner.triggers.find((one) => one.name === name);
  if (trigger?.source.kind !== "webhook")
    throw new RequestRefused(404, "there is no such trigger", "See which there are: understudy agent triggers list.");
  if (request.method !== "POST")
    throw new RequestRefused(405, "only POST sets a trigger off", "Send a POST.", { headers: { allow: "POST" } });
  if (!isAuthorised(request, trigger.source.tokenSha256))
    throw new RequestRefused(
      401,
      "the request has no token, or not the trigger's",
      "Send Authorization: Bearer TOKEN; the control plane makes one.",
      {
        headers: { "www-authenticate": "Bearer" },
      },
    );
  const key = request.headers["idempotency-key"];
  if (key !== undefined && (typeof key !== "string" || !keyPattern.test(key)))
    throw new RequestRefused(400, "Idempotency-Key must have 1 to 200 printable ASCII characters", "Correct it, and send it again.");
  return setOff(options, trigger, await payloadOf(request), key ?? null);
}

async function setOff({ runner, holderOf }: TriggerEndpointOptions, trigger: Trigger, payload: string | null, key: string | null) {
  try {
    const { id, attempt } = await runner.setOff(trigger, payload, key);
    return { occurrence: id, repeated: attempt === "known", replicated: attempt === "known" || attempt.isReplicated };
  } catch (error) {
    if (!(error instanceof NotHere)) throw error;
    const holder = holderOf(trigger.group);
    const nextStep = holder === null ? "Send it again in a moment." : `Send it to ${holder}, or to the group's own address.`;
    throw new RequestRefused(503, error.message, nextStep, { headers: { "retry-after": "1" }, holder });
  }
}

/** JSON text without what means nothing; null where there is none. */
async function payloadOf(request: IncomingMessage): Promise<string | null> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  // Left as it is where it is too large: the refusal goes out on the same connection.
  for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > limits.triggerPayloadBytesMax)
      throw new RequestRefused(413, `a request carries at most ${limits.triggerPayloadBytesMax} bytes`, "Send less.", {
        headers: { connection: "close" },
      });
    pieces.push(piece);
  }
  if (bytes === 0) return null;
  const value = parseJson(Buffer.concat(pieces).toString("utf8"));
  if (value === undefined) throw new RequestRefused(400, "the body is not JSON", "Send JSON, or no body.");
  return JSON.stringify(value);
}

function isAuthorised({ headers }: IncomingMessage, tokenSha256: string | undefined): boolean {
  const given = /^Bearer ([\w-]{1,200})$/.exec(headers.authorization ?? "")?.[1];
  if (given === undefined || tokenSha256 === undefined) return false;
  return timingSafeEqual(createHash("sha256").update(given).digest(), Buffer.from(tokenSha256, "hex"));
}

function refuse(response: ServerResponse, error: unknown, log: TriggerEndpointOptions["log"]): void {
  if (error instanceof RequestRefused) return send(response, error.status, error.body, error.headers);
  log.error(`a request to set a trigger off failed: ${reasonOf(error)}`);
  send(response, 503, { error: { message: "the agent failed to answer", nextStep: "Send it again." } }, {});
}

function send(
  response: ServerResponse,
  status: number,
  body: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>>,
): void {
  if (response.headersSent || response.destroyed) return;
  response
    .writeHead(status, { "content-type": "application/json", "cache-control": "no-store", ...headers })
    .end(`${JSON.stringify(body)}\n`);
}

async function certificate({ certificateFile, keyFile }: { readonly certificateFile: string; readonly keyFile: string }) {
  try {
    return { cert: await readFile(certificateFile), key: await readFile(keyFile) };
  } catch (error) {
    const nextStep = "Mend triggers.webhooks.tls in the settings, then start the agent again.";
    throw new AgentError("bad-settings", `The certificate of the triggers' endpoint cannot be read: ${reasonOf(error)}.`, nextStep, error);
  }
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, { host, port, ...triggersPort })));
    server.listen({ host, port, exclusive: true }, resolve);
  });
}
