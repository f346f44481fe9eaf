import { once } from "node:events";
import type { Server } from "node:http";
import type { Server as TlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Logger } from "pino";

const headersMsMax = 10_000;
const requestMsMax = 30_000;
const connectionsMax = 512;

/** Binds the server and returns its base URL. Rejects with a message that names the port and what to do. */
export async function listen(
  server: Server | TlsServer,
  scheme: "http" | "https",
  host: string,
  port: number,
  log: Logger,
): Promise<string> {
  server.headersTimeout = headersMsMax;
  server.requestTimeout = requestMsMax;
  server.maxConnections = connectionsMax;
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === "EADDRINUSE" ? "the port is in use: stop what uses it, or choose another" : message;
    throw new Error(`the SNS endpoint cannot listen on ${host} port ${port} (${scheme}): ${why}`, { cause });
  }
  server.on("error", (error) => log.error({ err: error, scheme }, "the SNS endpoint could not take a connection"));
  server.on("tlsClientError", ({ message }) => log.warn({ reason: message }, "a TLS handshake failed: does the client trust sns-ca.pem?"));
  const name = urlHost(host);
  return `${scheme}://${name.includes(":") ? `[${name}]` : name}:${(server.address() as AddressInfo).port}`;
}

/** What to call a host in a URL: one that listens everywhere is reached under localhost. */
export function urlHost(host: string): string {
  return host === "0.0.0.0" || host === "::" ? "localhost" : host;
}

/** Stops listening and ends the connections, those in the middle of a request too. Harmless where it never listened. */
export function closeServer(server: Server | TlsServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
