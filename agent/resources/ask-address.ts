import { connect } from "node:net";
import type { MonotonicUs } from "../../shared/domain/time.ts";
import { monotonicUs } from "./monotonic.ts";

/**
 * The instant at which whoever has the address on the LAN answered; null where nobody did in time. Asks for a TCP connection, as any client would: by
 * what this machine knows of its neighbours. Nobody need listen, since the kernel refuses then, and that is an answer; what is accepted is closed at once.
 */
export function askAddress(host: string, port: number, patienceMs: number): Promise<MonotonicUs | null> {
  const { promise, resolve } = Promise.withResolvers<MonotonicUs | null>();
  const socket = connect({ host, port });
  const late = setTimeout(() => resolve(null), patienceMs);
  socket.once("connect", () => resolve(monotonicUs()));
  // Of all errors only this one comes from the other machine; that there is no way to it is found here.
  socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED" ? monotonicUs() : null));
  return promise.finally(() => {
    clearTimeout(late);
    socket.destroy();
  });
}
