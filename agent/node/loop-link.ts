import { createConnection, type Socket } from "node:net";
import type { GuardianNotice, GuardianOrder } from "./guardian-protocol.ts";
import { readLines, toLine } from "./json-lines.ts";

/** A new agent's control loop listens some hundred milliseconds after its main thread has taken the guardian over. */
const knockAgainMs = 20;
/** What there is to say while nobody listens: far more than a few seconds bring. */
const unsaidMax = 1_000;

export interface LoopLinkOptions {
  readonly onOrder: (order: GuardianOrder) => void;
  readonly onClosed: () => void;
  readonly log: (text: string) => void;
}

/** The guardian's end of the way to the control loop that it obeys: of one agent, and of the next after that. */
export class LoopLink {
  readonly #options: LoopLinkOptions;
  #socket: Socket | null = null;
  #isAgentAway = false;
  #unsaid: GuardianNotice[] = [];

  constructor(options: LoopLinkOptions) {
    this.#options = options;
  }

  /** To the agent that has started this process: it listens already. */
  open(path: string, secret: string): void {
    const socket = createConnection(path);
    this.#obey(socket, secret);
    socket.on("error", (error) => this.#options.log(error.message));
  }

  /** To the next agent, as soon as it listens; what happened since the last one left is said then. Stops trying where nobody wants it any more. */
  openAgain(path: string, secret: string, isWanted: () => boolean, onOpened: () => void): void {
    if (!isWanted()) return;
    const socket = createConnection(path);
    const knockAgain = (): void => void setTimeout(() => this.openAgain(path, secret, isWanted, onOpened), knockAgainMs);
    socket.once("error", knockAgain);
    socket.once("connect", () => {
      socket.off("error", knockAgain);
      socket.on("error", (error) => this.#options.log(error.message));
      this.#isAgentAway = false;
      this.#obey(socket, secret);
      onOpened();
      for (const notice of this.#unsaid.splice(0)) this.notify(notice);
    });
  }

  /** The end of this link is no news: the agent is to be started anew. */
  agentLeaves(): void {
    this.#isAgentAway = true;
  }

  notify(notice: GuardianNotice): void {
    if (this.#socket?.writable === true) this.#socket.write(toLine(notice));
    else if (this.#isAgentAway && this.#unsaid.length < unsaidMax) this.#unsaid.push(notice);
  }

  #obey(socket: Socket, secret: string): void {
    this.#socket = socket;
    this.notify({ type: "hello", secret, pid: process.pid });
    readLines(socket, (value) => this.#options.onOrder(value as GuardianOrder));
    socket.once("close", () => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      if (!this.#isAgentAway) this.#options.onClosed();
    });
  }
}
