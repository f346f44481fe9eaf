import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { TlsIdentity } from "./certificate-authority.ts";
import { closeServer, type ListenAddress, listen } from "./listen.ts";

/** A port that is taken before there is anything to answer on it: whoever asks meanwhile waits until a handler is given. */
export interface HttpListener {
  readonly port: number;
  serve(handler: RequestListener): void;
  close(): Promise<void>;
}

const headersTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;
const connectionsMax = 1_024;
/** Of a fleet of 10,000 nodes each has one that stands. */
const standingConnectionsMax = 16_384;
/** Longer than the pause between two looks at the control plane's vote (shared/config/cloud-witness.ts). */
const standingMs = 3 * 3_600_000;

/** Over HTTPS where an identity is given. `standing`: the path after whose good answer the caller's connection stays open, for its next question. */
export async function openHttpListener(address: ListenAddress, tls?: TlsIdentity, standing?: string): Promise<HttpListener> {
  const handler = Promise.withResolvers<RequestListener>();
  const answer: RequestListener = (request, response) => {
    if (request.url === standing) keepOpen(request, response);
    void handler.promise.then((handle) => handle(request, response));
  };
  const server: HttpServer = tls === undefined ? createHttpServer(answer) : createHttpsServer({ ...tls }, answer);
  server.headersTimeout = headersTimeoutMs;
  server.requestTimeout = requestTimeoutMs;
  server.maxConnections = standing === undefined ? connectionsMax : standingConnectionsMax;
  const port = await listen(server, address);
  return { port, serve: (given) => handler.resolve(given), close: () => closeServer(server) };
}

/** Whoever was refused keeps it no longer than anybody else. */
function keepOpen({ socket }: IncomingMessage, response: ServerResponse): void {
  response.setHeader("connection", "keep-alive");
  response.setHeader("keep-alive", `timeout=${standingMs / 1_000}`);
  // After the server's own listener, which counts on a pause of seconds.
  response.once("finish", () => {
    if (response.statusCode === 200) socket.setTimeout(standingMs);
  });
}
