import { randomUUID } from "node:crypto";
import { request } from "node:http";

export interface Answer {
  readonly status: number;
  readonly server: string;
}

/** A caller of the application at its one address. Each call opens a new connection, as a caller after a failover does. */
export class ApplicationClient {
  readonly #port: number;
  #stop = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  constructor(port: number) {
    this.#port = port;
  }

  /** Asks who is there; undefined where nobody answers within the time. */
  async whoAnswers(timeoutMs = 250): Promise<string | undefined> {
    const answer = await this.#call("GET", "/", "", timeoutMs);
    return answer?.status === 200 ? answer.server : undefined;
  }

  /** Writes a row every `everyMs`, whether or not somebody answers, until `stopWriting`; tells the text of each row that was acknowledged. */
  startWriting(everyMs: number, acknowledged: (text: string) => void): void {
    this.#stop = new AbortController();
    this.#loop = this.#write(everyMs, acknowledged);
  }

  async stopWriting(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #write(everyMs: number, acknowledged: (text: string) => void): Promise<void> {
    // Texts are unique over the site's life, also when the caller starts again.
    const caller = randomUUID();
    for (let number = 0; !this.#stop.signal.aborted; number += 1) {
      const text = `note ${number} of ${caller}`;
      const answer = await this.#call("POST", "/notes", text, 2_000);
      if (answer?.status === 201) acknowledged(text);
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }

  async #call(method: string, path: string, body: string, timeoutMs: number): Promise<Answer | undefined> {
    return new Promise((resolve) => {
      const call = request({ host: "127.0.0.1", port: this.#port, method, path, agent: false, timeout: timeoutMs }, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("error", () => resolve(undefined));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, server: String((JSON.parse(text) as { server?: unknown }).server) }),
        );
      });
      // No answer is an answer here: during a failover nobody holds the address, and the caller only tries again.
      call.on("error", () => resolve(undefined));
      call.on("timeout", () => call.destroy());
      call.end(body);
    });
  }
}
