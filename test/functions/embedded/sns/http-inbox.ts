import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface Posted {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An HTTP server that keeps what is posted to it and answers as told. */
export class HttpInbox implements AsyncDisposable {
  readonly posts: Posted[] = [];
  readonly url: string;
  readonly #server: Server;
  #heard = Promise.withResolvers<void>();

  private constructor(server: Server, answer: (response: ServerResponse, post: Posted) => void) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/inbox`;
    server.on("request", (request, response) => {
      text(request).then(
        (body) => this.#keep({ headers: request.headers, body }, response, answer),
        (error: unknown) => console.error("a post broke off:", error),
      );
    });
  }

  static async open(answer: (response: ServerResponse, post: Posted) => void = (response) => response.end(), port = 0): Promise<HttpInbox> {
    const server = createServer().listen(port, "127.0.0.1");
    await once(server, "listening");
    return new HttpInbox(server, answer);
  }

  #keep(post: Posted, response: ServerResponse, answer: (response: ServerResponse, post: Posted) => void): void {
    this.posts.push(post);
    answer(response, post);
    this.#heard.resolve();
    this.#heard = Promise.withResolvers();
  }

  /** The message in the n-th post, parsed. */
  message(index: number): Readonly<Record<string, string>> {
    return JSON.parse(this.posts[index]?.body ?? "null") as Record<string, string>;
  }

  /** Waits until `count` posts have come. */
  async waitFor(count: number): Promise<readonly Posted[]> {
    while (this.posts.length < count) await this.#heard.promise;
    return this.posts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
