import { randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { reasonOf } from "../agent-error.ts";
import type { SipCheckSettings } from "../config/check-settings.ts";
import type { HealthCheck } from "./health-check.ts";
import { finalAnswer, type SipOptions, sipOptions } from "./sip-options.ts";

/** Timers T1 and T2 of RFC 3261: a request that is not answered is sent again after T1, then after twice as long, up to T2. */
const resendMs = { first: 500, most: 4_000 } as const;

/** Asks with SIP OPTIONS over UDP; any answer of the 200s is well. */
export class SipCheck implements HealthCheck {
  readonly #settings: Pick<SipCheckSettings, "host" | "port">;

  constructor(settings: Pick<SipCheckSettings, "host" | "port">) {
    this.#settings = settings;
  }

  async look(signal: AbortSignal): Promise<string | null> {
    let socket: Socket | null = null;
    try {
      const { host, port } = this.#settings;
      const { address, family } = await Promise.race([lookup(host), abortOf(signal)]);
      socket = createSocket(family === 6 ? "udp6" : "udp4");
      // Connected, so that the kernel takes datagrams of nobody else, and tells of a port where nobody listens.
      socket.connect(port, address);
      await once(socket, "connect", { signal });
      const local = socket.address();
      const token = randomBytes(16).toString("hex");
      const options = sipOptions({ host, port, localAddress: local.address, localPort: local.port, token });
      const { status, words } = await answerTo(socket, options, signal);
      return status < 300 ? null : `it answered with ${status} ${words}`.trim();
    } catch (error) {
      return reasonOf(error);
    } finally {
      socket?.close();
    }
  }
}

/** Rejects when the signal is aborted: a name's resolution cannot be ended, only left alone. */
function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) =>
    signal.addEventListener("abort", () => reject(new Error("it has not answered")), { once: true }),
  );
}

async function answerTo(socket: Socket, options: SipOptions, signal: AbortSignal): Promise<{ status: number; words: string }> {
  const answered = Promise.withResolvers<{ status: number; words: string }>();
  let pauseMs: number = resendMs.first;
  let timer: NodeJS.Timeout | undefined;
  const send = (): void => {
    socket.send(options.bytes, (error) => {
      if (error !== null) answered.reject(error);
    });
    timer = setTimeout(send, pauseMs);
    pauseMs = Math.min(2 * pauseMs, resendMs.most);
  };
  socket.on("error", answered.reject);
  socket.on("message", (datagram) => {
    const answer = finalAnswer(datagram, options);
    if (answer !== null) answered.resolve(answer);
  });
  send();
  try {
    return await Promise.race([answered.promise, abortOf(signal)]);
  } finally {
    clearTimeout(timer);
  }
}
