import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from "node:http";
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

/** Over HTTPS where an identity is given. */
export async function openHttpListener(address: ListenAddress, tls?: TlsIdentity): Promise<HttpListener> {
  const handler = Promise.withResolvers<RequestListener>();
  const answer: RequestListener = (request, response) => void handler.promise.then((handle) => handle(request, response));
  const server: HttpServer = tls === undefined ? createHttpServer(answer) : createHttpsServer({ ...tls }, answer);
  server.headersTimeout = headersTimeoutMs;
  server.requestTimeout = requestTimeoutMs;
  server.maxConnections = connectionsMax;
  const port = await listen(server, address);
  return { port, serve: (given) => handler.resolve(given), close: () => closeServer(server) };
}
