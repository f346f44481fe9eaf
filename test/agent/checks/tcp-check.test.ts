import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { TcpCheck } from "../../../agent/checks/tcp-check.ts";
import { settingsOf, within } from "./check-settings.ts";

const atEnd: (() => void)[] = [];

afterEach(() => {
  for (const end of atEnd.splice(0)) end();
});

function look(port: number, signal = within(), host = "127.0.0.1"): Promise<string | null> {
  return new TcpCheck(settingsOf("tcp", { host, port })).look(signal);
}

/** A server whose process is stopped with a full queue: the kernel takes nobody in any more, and says nothing about it. */
async function fullServer(): Promise<number> {
  const program = `require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, function () { console.log(this.address().port); })`;
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  atEnd.push(() => child.kill("SIGKILL"));
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  child.kill("SIGSTOP");
  const port = Number(said.toString());
  for (;;) {
    const socket = connect(port, "127.0.0.1").on("error", () => {});
    atEnd.push(() => socket.destroy());
    const isIn = await Promise.race([
      once(socket, "connect").then(() => true),
      new Promise<boolean>((resolve) => {
        setTimeout(() => resolve(false), 300);
      }),
    ]);
    if (!isIn) return port;
  }
}

describe("a TCP check", () => {
  it("somebody accepts: well, and the connection is closed again with nothing said", async () => {
    const seen: Socket[] = [];
    const server = createServer((socket) => seen.push(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    expect(await look((server.address() as AddressInfo).port)).toBeNull();
    await expect.poll(() => seen.length).toBe(1);
    const [socket] = seen;
    const heard: Buffer[] = [];
    socket?.on("data", (bytes: Buffer) => heard.push(bytes));
    if (socket?.closed === false) await once(socket, "close");
    expect(heard).toEqual([]);
    server.close();
  });

  it("nobody listens: refused", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    expect(await look(port)).toBe(`connect ECONNREFUSED 127.0.0.1:${port}`);
  });

  it("a black hole: it ends with the signal", async () => {
    const port = await fullServer();
    const startedMs = performance.now();
    expect(await look(port, within(200))).toMatch(/abort/i);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });

  it("a name that nobody has", async () => {
    expect(await look(1, within(), "nobody.invalid")).toMatch(/ENOTFOUND|EAI_AGAIN/);
  });
});
