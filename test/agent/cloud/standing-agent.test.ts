import type { IncomingMessage } from "node:http";
import { createServer, request, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StandingAgent } from "../../../agent/cloud/standing-agent.ts";
import { newIdentity } from "../../functions/control-plane.ts";

let server: Server;
let agent: StandingAgent;
let connections = 0;
let told: boolean[] = [];
const { keyPem, certificatePem } = await newIdentity();

async function listening(port = 0): Promise<number> {
  server = createServer({ key: keyPem, cert: certificatePem, keepAliveTimeout: 200 }, (_, response) => response.end("well"));
  server.keepAliveTimeout = 100;
  server.keepAliveTimeoutBuffer = 0;
  server.on("secureConnection", () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

beforeEach(() => {
  [connections, told] = [0, []];
  agent = new StandingAgent({ rejectUnauthorized: false, reopenAfterMs: 50, onBroken: (isBroken) => told.push(isBroken) });
});
afterEach(async () => {
  agent.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function asked(port: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request({ host: "127.0.0.1", port, agent }, resolve).on("error", reject).end();
  return (await (await promise).toArray()).join("");
}

describe("a connection that stands", () => {
  it("where the server ends it another one is opened, and the next request goes over that", async () => {
    const port = await listening();
    expect(await asked(port)).toBe("well");
    await expect.poll(() => connections).toBe(2);
    expect(await asked(port)).toBe("well");
    expect(connections).toBe(2);
    expect(told).not.toContain(true);
  });

  it("tells when the server is gone, and when it is back", async () => {
    const port = await listening();
    await asked(port);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect.poll(() => told.at(-1)).toBe(true);
    await listening(port);
    await expect.poll(() => told.at(-1)).toBe(false);
    expect(await asked(port)).toBe("well");
  });
});
