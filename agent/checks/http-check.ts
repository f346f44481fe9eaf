import { readFile } from "node:fs/promises";
import { type IncomingMessage, request as requestHttp } from "node:http";
import { type RequestOptions, request as requestHttps } from "node:https";
import { isIP } from "node:net";
import { reasonOf } from "../agent-error.ts";
import type { HttpCheckSettings } from "../config/check-settings.ts";
import { type HealthCheck, quoted } from "./health-check.ts";

/** An answer is read no further than this. */
const bodyBytesMax = 64 * 1_024;

/** What is asked, and what the answer must be like. */
export type HttpQuestion = Pick<HttpCheckSettings, "url" | "method" | "expectStatus" | "bodyIncludes" | "caFile" | "serverName">;

/** Asks over HTTP or HTTPS, on a connection of its own each time, so that a server which accepts nobody new is noticed. */
export class HttpCheck implements HealthCheck {
  readonly #settings: HttpQuestion;

  constructor(settings: HttpQuestion) {
    this.#settings = settings;
  }

  async look(signal: AbortSignal): Promise<string | null> {
    let ca: string | undefined;
    try {
      ca = this.#settings.caFile === undefined ? undefined : await readFile(this.#settings.caFile, { encoding: "utf8", signal });
    } catch (error) {
      return `the certificates to trust cannot be read: ${reasonOf(error)}`;
    }
    try {
      return await this.#judge(await this.#ask(ca, signal), signal);
    } catch (error) {
      return quoted(reasonOf(error));
    }
  }

  #ask(ca: string | undefined, signal: AbortSignal): Promise<IncomingMessage> {
    const { url, method, serverName } = this.#settings;
    const target = new URL(url);
    const named = serverName === undefined ? {} : { servername: serverName, headers: { host: hostHeader(serverName, target.port) } };
    const options: RequestOptions = { method, agent: false, signal, ...named, ...(ca === undefined ? {} : { ca }) };
    return new Promise((resolve, reject) => {
      const outgoing = target.protocol === "https:" ? requestHttps(target, options) : requestHttp(target, options);
      outgoing.once("response", resolve);
      outgoing.on("error", reject);
      outgoing.end();
    });
  }

  async #judge(answer: IncomingMessage, signal: AbortSignal): Promise<string | null> {
    const { expectStatus, bodyIncludes } = this.#settings;
    const status = answer.statusCode ?? 0;
    if (!expectStatus.includes(status)) {
      answer.destroy();
      return `it answered with status ${status} in place of ${expectStatus.join(" or ")}`;
    }
    if (bodyIncludes === undefined) {
      answer.destroy();
      return null;
    }
    return (await includes(answer, bodyIncludes, signal)) ? null : `the text to expect does not stand in its answer (status ${status})`;
  }
}

/** Rejects where the answer breaks off, or is longer than is read and has not held the text so far. */
async function includes(answer: IncomingMessage, text: string, signal: AbortSignal): Promise<boolean> {
  const wanted = Buffer.from(text);
  let body = Buffer.alloc(0);
  for await (const chunk of answer) {
    signal.throwIfAborted();
    const room = bodyBytesMax - body.length;
    body = Buffer.concat([body, Buffer.from(chunk as Uint8Array).subarray(0, room)]);
    if (body.includes(wanted)) return true;
    if (body.length >= bodyBytesMax) throw new Error(`the text to expect does not stand in the first ${bodyBytesMax} bytes of its answer`);
  }
  return false;
}

function hostHeader(name: string, port: string): string {
  const host = isIP(name) === 6 ? `[${name}]` : name;
  return port === "" ? host : `${host}:${port}`;
}
