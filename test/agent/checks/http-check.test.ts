import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { HttpCheck } from "../../../agent/checks/http-check.ts";
import { certificateFor } from "./certificate-for.ts";
import { settingsOf, within } from "./check-settings.ts";

const servers: Server[] = [];

async function listening(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const serving = (listener: RequestListener): Promise<number> => listening(createServer(listener));

function look(port: number, some: object = {}, signal = within()): Promise<string | null> {
  return new HttpCheck(settingsOf("http", { url: `http://127.0.0.1:${port}/health`, ...some })).look(signal);
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

describe("an HTTP check", () => {
  it("the expected status: well, and it asked as it was told", async () => {
    const asked: string[] = [];
    const port = await serving((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.host}`);
      response.writeHead(204).end();
    });
    expect(await look(port, { method: "HEAD", expectStatus: [200, 204], serverName: "shop.example" })).toBeNull();
    expect(asked).toEqual([`HEAD /health shop.example:${port}`]);
  });

  it("another status, and a redirect: both are told, and nothing is followed", async () => {
    let asked = 0;
    const port = await serving((_request, response) => {
      asked += 1;
      response.writeHead(asked === 1 ? 500 : 302, { location: "/" }).end("secret words");
    });
    expect(await look(port)).toBe("it answered with status 500 in place of 200");
    expect(await look(port, { expectStatus: [200, 204] })).toBe("it answered with status 302 in place of 200 or 204");
    expect(asked).toBe(2);
  });

  it("text in the body: found across chunks, or told without repeating what was there", async () => {
    const port = await serving((_request, response) => {
      response.write("status: o");
      setTimeout(() => response.end("k, key=hunter2"), 20);
    });
    expect(await look(port, { bodyIncludes: "status: ok" })).toBeNull();
    expect(await look(port, { bodyIncludes: "ready" })).toBe("the text to expect does not stand in its answer (status 200)");
  });

  it("a body without end: read no further than 64 KiB", async () => {
    let sent = 0;
    const port = await serving((_request, response) => {
      const chunk = Buffer.alloc(16_384, "x");
      const more = (): void => {
        while (!response.destroyed && sent < 1_000 * chunk.length) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once("drain", more);
        }
      };
      more();
    });
    expect(await look(port, { bodyIncludes: "ok" })).toBe("the text to expect does not stand in the first 65536 bytes of its answer");
    expect(await look(port)).toBeNull();
    expect(sent).toBeLessThan(1_000 * 16_384);
  });

  it("an answer that breaks off before the text", async () => {
    const port = await serving((_request, response) => {
      response.writeHead(200, { "content-length": "1000" }).write("half");
      setTimeout(() => response.destroy(), 20);
    });
    expect(await look(port, { bodyIncludes: "whole" })).toMatch(/aborted/);
  });

  it("nobody listens", async () => {
    const port = await serving(() => {});
    await new Promise((resolve) => servers.splice(0)[0]?.close(resolve));
    expect(await look(port)).toMatch(/ECONNREFUSED/);
  });

  it.each(["before the head", "within the body"])("too slow, %s: it ends with the signal", async (where) => {
    const port = await serving((_request, response) => {
      if (where === "within the body") response.write("a beginning");
    });
    const startedMs = performance.now();
    expect(await look(port, { bodyIncludes: "end" }, within(100))).toMatch(/abort/i);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });

  it("what is no HTTP", async () => {
    const port = await serving((request) => request.socket.end("220 mail.example ESMTP\r\n"));
    expect(await look(port)).toMatch(/Parse Error/);
  });
});

describe("an HTTPS check", () => {
  const serverName = "shop.example";
  let folder = "";
  let port = 0;
  let secure: Server;
  let trusted = "";
  let stranger = "";

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "understudy-checks-"));
    const [ours, theirs] = await Promise.all([certificateFor(serverName), certificateFor(serverName)]);
    trusted = join(folder, "trusted.pem");
    stranger = join(folder, "stranger.pem");
    writeFileSync(trusted, ours.certificatePem);
    writeFileSync(stranger, theirs.certificatePem);
    secure = createHttpsServer({ key: ours.keyPem, cert: ours.certificatePem }, (_request, response) => response.end("ok"));
    await new Promise<void>((resolve) => secure.listen(0, "127.0.0.1", resolve));
    port = (secure.address() as AddressInfo).port;
  });
  afterAll(() => {
    secure.closeAllConnections();
    secure.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const lookOver = (some: object): Promise<string | null> => look(port, { url: `https://127.0.0.1:${port}/`, ...some });

  it("certificates: the trusted one under its name is well; another authority, the public ones, another name are told", async () => {
    expect(await lookOver({ caFile: trusted, serverName })).toBeNull();
    expect(await lookOver({ caFile: stranger, serverName })).toMatch(/certificate/);
    expect(await lookOver({ serverName })).toMatch(/self-signed certificate|unable to verify/);
    expect(await lookOver({ caFile: trusted, serverName: "other.example" })).toMatch(/does not match certificate/);
    expect(await lookOver({ caFile: join(folder, "missing.pem") })).toMatch(/^the certificates to trust cannot be read: ENOENT/);
  });
});
