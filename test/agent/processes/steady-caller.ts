import { request } from "node:http";

const everyMs = 8;
const patienceMs = 500;

/** A client that calls a service every few milliseconds, each time over a connection of its own, and counts what went wrong. */
export class SteadyCaller {
  readonly failures: string[] = [];
  answered = 0;
  readonly #url: string;
  readonly #timer: NodeJS.Timeout;

  constructor(url: string) {
    this.#url = url;
    this.#timer = setInterval(() => this.#call(), everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #call(): void {
    const atMs = performance.now();
    const fail = (reason: string): void => void this.failures.push(`${reason} at ${atMs.toFixed(0)} ms`);
    const outgoing = request(this.#url, { agent: false, timeout: patienceMs }, (response) => {
      response.resume().once("end", () => {
        if (response.statusCode === 200) this.answered += 1;
        else fail(`status ${response.statusCode}`);
      });
    });
    outgoing.once("timeout", () => outgoing.destroy(new Error(`no answer within ${patienceMs} ms`)));
    outgoing.once("error", (error) => fail(error.message));
    outgoing.end();
  }
}
