import { Agent, type AgentOptions, type RequestOptions } from "node:https";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";

/** A way on which nothing comes any more is found broken some 10 s after this. */
const probeAfterMs = 20_000;

export interface StandingAgentOptions extends AgentOptions {
  /** Between two connections that are opened without a request, so that a server which ends them soon is not asked for ever more. */
  readonly reopenAfterMs: number;
  /** No connection stands, and none could be opened (true); one stands (false). */
  readonly onBroken: (isBroken: boolean) => void;
}

/** Keeps a connection to one server open from the first request on, with the kernel's probes on it: where it ends, another one is opened before anybody needs it. */
export class StandingAgent extends Agent {
  readonly #reopenAfterMs: number;
  readonly #onBroken: (isBroken: boolean) => void;
  readonly #open = new Set<TLSSocket>();
  /** Connected, and not used yet. */
  #spare: TLSSocket | null = null;
  #target: RequestOptions | null = null;
  #reopenedAtMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor({ reopenAfterMs, onBroken, ...options }: StandingAgentOptions) {
    super({ ...options, keepAlive: true });
    this.#reopenAfterMs = reopenAfterMs;
    this.#onBroken = onBroken;
  }

  override createConnection(target: RequestOptions, callback?: (error: Error | null, stream: Duplex) => void): Duplex | null | undefined {
    this.#target = target;
    const spare = this.#spare;
    this.#spare = null;
    if (spare !== null && !spare.destroyed && spare.writable) return spare;
    const socket = super.createConnection(target, callback) as TLSSocket;
    this.#watch(socket);
    return socket;
  }

  override destroy(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const socket of this.#open) socket.destroy();
    super.destroy();
  }

  #watch(socket: TLSSocket): void {
    this.#open.add(socket);
    socket.setKeepAlive(true, probeAfterMs);
    socket.once("secureConnect", () => this.#onBroken(false));
    socket.once("close", () => {
      this.#open.delete(socket);
      if (this.#spare === socket) this.#spare = null;
      this.#reopen();
    });
  }

  #reopen(): void {
    if (this.#isClosed || this.#open.size > 0) return;
    clearTimeout(this.#timer);
    const waitMs = Math.max(0, this.#reopenedAtMs + this.#reopenAfterMs - performance.now());
    this.#timer = setTimeout(() => {
      if (this.#target === null || this.#open.size > 0) return;
      this.#reopenedAtMs = performance.now();
      const socket = super.createConnection(this.#target) as TLSSocket;
      // Its end follows, and is seen there.
      socket.once("error", () => this.#onBroken(true));
      socket.once("secureConnect", () => (this.#spare = socket));
      this.#watch(socket);
    }, waitMs).unref();
  }
}
