import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Logger } from "pino";
import { reasonOf } from "../agent-error.ts";
import type { AgentSettings } from "../config/agent-settings.ts";
import { loopback } from "../link/free-ports.ts";
import { listenError, recordsPort } from "../link/listen-error.ts";
import { RecordProblem } from "./record-problem.ts";
import { type RecordsApi, refuse } from "./records-api.ts";
import { readToken } from "./records-token.ts";

const connectionsMax = 256;
const headerBytesMax = 8_192;
/** A client that has not sent its request by then is not heard any longer. */
const requestTimeoutMs = 10_000;

export interface RecordsEndpointOptions {
  readonly settings: NonNullable<AgentSettings["records"]>;
  readonly api: RecordsApi;
  readonly log: Pick<Logger, "error">;
}

/**
 * The records API over TCP, for whoever is on this machine and knows the token. Throws `AgentError` ("port-unavailable", "bad-settings") where it cannot
 * listen, or there can be no token.
 */
export async function openRecordsEndpoint({ settings, api, log }: RecordsEndpointOptions): Promise<{ close(): Promise<void> }> {
  const token = digestOf(await readToken(settings.tokenFile));
  const server = createServer({ maxHeaderSize: headerBytesMax, requestTimeout: requestTimeoutMs }, (request, response) => {
    if (!isAuthorised(request, token))
      return refuse(response, new RecordProblem("not-authorised", "the request has no token, or not the one of this server"));
    api.answer(request, response).catch((error: unknown) => failed(response, error, log));
  });
  server.maxConnections = connectionsMax;
  await listening(server, settings.port);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function isAuthorised({ headers }: IncomingMessage, token: Buffer): boolean {
  const given = /^Bearer ([\w-]{1,200})$/.exec(headers.authorization ?? "")?.[1];
  return given !== undefined && timingSafeEqual(digestOf(given), token);
}

/** Of one length, however long what is compared is. */
function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function failed(response: ServerResponse, error: unknown, log: Pick<Logger, "error">): void {
  log.error(`a request for records failed: ${reasonOf(error)}`);
  if (response.headersSent) response.destroy();
  else refuse(response, new RecordProblem("not-ready", "the agent failed to answer: its log says why"));
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, { host: loopback, port, ...recordsPort })));
    server.listen({ host: loopback, port, exclusive: true }, resolve);
  });
}
