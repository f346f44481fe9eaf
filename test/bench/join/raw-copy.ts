import { spawn } from "node:child_process";
import { once } from "node:events";
import { open, rm } from "node:fs/promises";
import { createServer } from "node:net";

/** Copies a file over TCP on the loopback with two `socat` processes, and makes the copy safe on the disk: no copy can be faster by much. Resolves with milliseconds. */
export async function copyRaw(from: string, to: string): Promise<number> {
  const port = await freePort();
  const receiver = spawn("socat", ["-u", "-b1048576", `TCP-LISTEN:${port},bind=127.0.0.1`, `CREATE:${to}`], { stdio: "inherit" });
  const received = once(receiver, "exit");
  try {
    const startedAtMs = performance.now();
    // The receiver may still be on its way to its port.
    const sender = spawn("socat", ["-u", "-b1048576", `OPEN:${from},rdonly`, `TCP:127.0.0.1:${port},retry=100,interval=0.01`], {
      stdio: "inherit",
    });
    const [sent] = (await once(sender, "exit")) as [number | null];
    if (sent !== 0) throw new Error(`the raw copy's sender ended with code ${sent}`);
    await received;
    const file = await open(to, "r+");
    await file.sync();
    await file.close();
    return performance.now() - startedAtMs;
  } finally {
    receiver.kill();
    await rm(to, { force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}
