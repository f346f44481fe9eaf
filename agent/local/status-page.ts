import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { statusTable } from "../cli/status-table.ts";
import { loopback } from "../link/free-ports.ts";
import { listenError, pagePort } from "../link/listen-error.ts";
import type { AgentStatus } from "./agent-status.ts";

const connectionsMax = 16;
const headerBytesMax = 8_192;
const requestTimeoutMs = 5_000;
/** A change is seen this soon. */
const refreshSeconds = 2;

export interface StatusPageOptions {
  readonly port: number;
  readonly status: () => AgentStatus;
}

/**
 * The status for a browser on this server, on 127.0.0.1 alone: `GET /` as a page that renews itself, `GET /status` as JSON. It changes nothing. Throws `AgentError`
 * ("port-unavailable") where it cannot listen.
 */
export async function openStatusPage({ port, status }: StatusPageOptions): Promise<{ close(): Promise<void> }> {
  const server = createServer({ maxHeaderSize: headerBytesMax, requestTimeout: requestTimeoutMs }, (request, response) =>
    answer(request, response, port, status),
  );
  server.maxConnections = connectionsMax;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, { host: loopback, port, ...pagePort })));
    server.listen({ host: loopback, port, exclusive: true }, resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(request: IncomingMessage, response: ServerResponse, port: number, status: () => AgentStatus): void {
  const { method, headers, url } = request;
  // A page of somewhere else may have its own name point here: then it asks under that name, and reads nothing.
  if (headers.host !== `${loopback}:${port}` && headers.host !== `localhost:${port}`)
    return reply(response, 403, "text/plain", "Ask for 127.0.0.1.\n");
  if (method !== "GET") return reply(response, 405, "text/plain", "This page only shows.\n");
  if (url === "/") return reply(response, 200, "text/html", statusPage(status()));
  if (url === "/status") return reply(response, 200, "application/json", `${JSON.stringify(status())}\n`);
  return reply(response, 404, "text/plain", "There is / and /status.\n");
}

function reply(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    "content-type": `${type}; charset=utf-8`,
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
  });
  response.end(body);
}

/** The status as a page that renews itself. */
export function statusPage(status: AgentStatus): string {
  const title = escaped(`${status.node.name}: ${status.cluster.name}`);
  const head = `<meta charset="utf-8"><meta http-equiv="refresh" content="${refreshSeconds}"><title>${title}</title>`;
  return `<!doctype html><html lang="en"><head>${head}</head><body><h1>${title}</h1><pre>${escaped(statusTable(status))}</pre></body></html>\n`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
