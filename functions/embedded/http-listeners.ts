import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Server } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";
import type { TlsIdentity } from "./certificate-authority.ts";
import { closeServer, type ListenAddress, listen } from "./listen.ts";

/** A port that is taken before there is anything to answer on it: whoever asks meanwhile waits until an app is given. */
export interface HttpListener {
  readonly port: number;
  serve(app: Pick<Hono, "fetch">): void;
  close(): Promise<void>;
}

const headersTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;
const connectionsMax = 1_024;

/** Over HTTPS where an identity is given. */
export async function openHttpListener(address: ListenAddress, tls?: TlsIdentity): Promise<HttpListener> {
  const app = Promise.withResolvers<Pick<Hono, "fetch">>();
  const fetch = async (request: Request, env: object): Promise<Response> => (await app.promise).fetch(request, env);
  const kind = tls === undefined ? { createServer: createHttpServer } : { createServer: createHttpsServer, serverOptions: { ...tls } };
  const server = createAdaptorServer({ fetch, ...kind }) as Server & { headersTimeout: number; requestTimeout: number };
  server.headersTimeout = headersTimeoutMs;
  server.requestTimeout = requestTimeoutMs;
  server.maxConnections = connectionsMax;
  const port = await listen(server, address);
  return { port, serve: (given) => app.resolve(given), close: () => closeServer(server) };
}
