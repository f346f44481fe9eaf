import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HttpListener, openHttpListener } from "../../../functions/embedded/http-listeners.ts";

const sockets: Socket[] = [];
const agent = new Agent({ keepAlive: true });
let listener: HttpListener;
beforeAll(async () => {
  listener = await openHttpListener({ host: "127.0.0.1", port: 0, option: "" }, undefined, "/v1/witness");
  listener.serve((incoming, response) => {
    sockets.push(incoming.socket);
    response.statusCode = incoming.headers.authorization === undefined ? 200 : 401;
    response.end();
  });
});
afterAll(async () => {
  agent.destroy();
  await listener.close();
});

/** For how long the server leaves the connection open once it has answered, in seconds. */
async function leftOpenS(path: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  const answered = Promise.withResolvers<IncomingMessage>();
  const outgoing: ClientRequest = request({ port: listener.port, path, headers, agent }, answered.resolve);
  outgoing.on("error", answered.reject).end();
  (await answered.promise).resume();
  const socket = sockets.at(-1);
  await expect.poll(() => socket?.timeout).toBeGreaterThan(0);
  return Math.round((socket?.timeout ?? 0) / 1_000);
}

describe("connections of the embedded control plane's listeners", () => {
  it("the one on which a node was answered stays open for its next question, hours later", async () => {
    expect(await leftOpenS("/v1/witness")).toBe(10_800);
  });

  it("of whoever was refused there, and of everything else, for seconds", async () => {
    expect(await leftOpenS("/v1/witness", { authorization: "none" })).toBeLessThan(10);
    expect(await leftOpenS("/v1/clusters")).toBeLessThan(10);
  });
});
