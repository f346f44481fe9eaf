import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

const ringSchema = z.object({ occurrence: z.string(), epoch: z.number(), node: z.string() });

/** A request that came, whether or not its sender lived to hear the answer. `id`: the occurrence's. */
export interface Ring {
  readonly id: string;
  readonly epoch: number;
  readonly node: string;
}

/** Takes webhooks over HTTP, as a customer's own system does, and notes each that comes. */
export class BellReceiver {
  readonly rings: Ring[] = [];
  readonly #server: Server;
  /** How long it takes over an answer: so long its sender cannot know that it was heard. */
  answerAfterMs = 0;
  onRing: (ring: Ring) => void = () => {};

  private constructor() {
    this.#server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => void this.#take(Buffer.concat(parts).toString(), response));
    });
  }

  static async open(): Promise<BellReceiver> {
    const receiver = new BellReceiver();
    receiver.#server.listen(0, "127.0.0.1");
    await once(receiver.#server, "listening");
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/bell`;
  }

  async close(): Promise<void> {
    const closed = once(this.#server.close(), "close");
    this.#server.closeAllConnections();
    await closed;
  }

  async #take(body: string, response: ServerResponse): Promise<void> {
    const { occurrence: id, epoch, node } = ringSchema.parse(JSON.parse(body));
    const ring = { id, epoch, node };
    this.rings.push(ring);
    this.onRing(ring);
    await sleep(this.answerAfterMs);
    response.writeHead(204).end();
  }
}
