import type { AddressInfo, Server } from "node:net";
import { StartError } from "./start-error.ts";

export interface ListenAddress {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** The option that sets the port, for the message where it is taken. */
  readonly option: string;
}

/** Listens, and resolves with the port. Rejects with a `StartError` that names port and option. */
export async function listen(server: Server, { host, port, option }: ListenAddress): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenFailure(error, host, port, option)));
    server.listen({ host, port }, resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** Ends a server and whatever still hangs on it. */
export async function closeServer(server: Server & { closeAllConnections?: () => void }): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections?.();
  await closed;
}

/** Why a listener did not start, with the option that changes it. */
export function listenFailure(error: NodeJS.ErrnoException, host: string, port: number, option: string): StartError {
  if (error.code === "EADDRINUSE") {
    return new StartError(
      `port ${port} on ${host} is in use. Stop what is using it, or choose another with ${option} (0: any free one).`,
      error,
    );
  }
  if (error.code === "EACCES")
    return new StartError(`this user may not listen on port ${port}. Choose one above 1023 with ${option}.`, error);
  if (error.code === "EADDRNOTAVAIL") {
    return new StartError(`${host} is no address of this machine. Give one of its own, or 0.0.0.0, with --host.`, error);
  }
  return new StartError(`cannot listen on ${host}, port ${port}: ${error.message}.`, error);
}
