import { timingSafeEqual } from "node:crypto";
import { rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import type { GuardianNotice, GuardianOrder } from "./guardian-protocol.ts";
import { readLines, toLine } from "./json-lines.ts";

/** A process that does not say who it is in this time is not the guardian. */
const helloTimeoutMs = 2_000;

export interface GuardianLinkOptions {
  readonly socketPath: string;
  readonly secret: string;
  readonly onConnected: (guardianPid: number) => void;
  readonly onNotice: (notice: GuardianNotice) => void;
  readonly onClosed: () => void;
}

/** The control loop's end of the way to the guardian: nothing of the main thread stands between a lease and the services that need it. */
export class GuardianLink {
  readonly #options: GuardianLinkOptions;
  readonly #server: Server;
  #guardian: Socket | null = null;

  private constructor(options: GuardianLinkOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#greet(socket));
  }

  /** Listens for the guardian. The socket lies in the data directory, which only the agent's user may enter. */
  static async open(options: GuardianLinkOptions): Promise<GuardianLink> {
    await rm(options.socketPath, { force: true });
    const link = new GuardianLink(options);
    await new Promise<void>((resolve, reject) => {
      link.#server.once("error", reject);
      link.#server.listen(options.socketPath, resolve);
    });
    return link;
  }

  /** False where there is no guardian now: nothing was ordered then. */
  order(order: GuardianOrder): boolean {
    return this.#guardian?.writable === true && (this.#guardian.write(toLine(order)), true);
  }

  close(): void {
    this.#guardian?.destroy();
    this.#server.close();
  }

  #greet(socket: Socket): void {
    socket.setTimeout(helloTimeoutMs, () => socket.destroy());
    socket.on("error", () => socket.destroy());
    readLines(socket, (value) => {
      const notice = value as GuardianNotice;
      if (socket === this.#guardian) this.#options.onNotice(notice);
      else if (notice.type === "hello" && this.#guardian === null && isSame(notice.secret, this.#options.secret))
        this.#adopt(socket, notice.pid);
      else socket.destroy();
    });
  }

  #adopt(socket: Socket, pid: number): void {
    socket.setTimeout(0);
    this.#guardian = socket;
    socket.once("close", () => {
      this.#guardian = null;
      this.#options.onClosed();
    });
    this.#options.onConnected(pid);
  }
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
