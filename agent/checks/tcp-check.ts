import { connect } from "node:net";
import { reasonOf } from "../agent-error.ts";
import type { TcpCheckSettings } from "../config/check-settings.ts";
import type { HealthCheck } from "./health-check.ts";

/** Whether somebody accepts a connection. It is closed at once, and nothing is sent. */
export class TcpCheck implements HealthCheck {
  readonly #settings: Pick<TcpCheckSettings, "host" | "port">;

  constructor(settings: Pick<TcpCheckSettings, "host" | "port">) {
    this.#settings = settings;
  }

  look(signal: AbortSignal): Promise<string | null> {
    const { host, port } = this.#settings;
    const { promise, resolve } = Promise.withResolvers<string | null>();
    const socket = connect({ host, port, signal });
    socket.once("connect", () => resolve(null));
    socket.on("error", (error) => resolve(reasonOf(error)));
    return promise.finally(() => socket.destroy());
  }
}
