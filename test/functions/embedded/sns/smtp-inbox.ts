import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and text, as they came. */
  readonly source: string;
}

/** A mail server that takes everything and keeps it (RFC 5321, no extensions). */
export class SmtpInbox implements AsyncDisposable {
  readonly mails: Mail[] = [];
  readonly url: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #heard = Promise.withResolvers<void>();

  private constructor(server: Server) {
    this.#server = server;
    this.url = `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("connection", (socket) => this.#serve(socket));
  }

  static async open(): Promise<SmtpInbox> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new SmtpInbox(server);
  }

  async waitFor(count: number): Promise<readonly Mail[]> {
    while (this.mails.length < count) await this.#heard.promise;
    return this.mails;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    let envelope = { from: "", to: [] as string[] };
    let data: string[] | null = null;
    let rest = "";
    const reply = (line: string) => socket.write(`${line}\r\n`);
    const take = (line: string): void => {
      if (data !== null) {
        if (line !== ".") return void data.push(line.replace(/^\./, ""));
        this.mails.push({ ...envelope, source: data.join("\n") });
        data = null;
        reply("250 kept");
        this.#heard.resolve();
        this.#heard = Promise.withResolvers();
        return;
      }
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === "MAIL") envelope = { from: line, to: [] };
      if (verb === "RCPT") envelope.to.push(line);
      if (verb === "DATA") data = [];
      reply(verb === "DATA" ? "354 go on" : verb === "QUIT" ? "221 bye" : "250 fine");
      if (verb === "QUIT") socket.end();
    };
    socket.on("data", (chunk) => {
      const lines = (rest + chunk.toString("utf8")).split("\r\n");
      rest = lines.pop() ?? "";
      lines.forEach(take);
    });
    reply("220 inbox");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}
