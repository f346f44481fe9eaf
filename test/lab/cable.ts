import { type ChildProcess, spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { setPriority } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { arrivalsMs, type CableFault } from "./cable-fault.ts";

/*
 * `cable.ts ONE OTHER FAULT_JSON MAC...`: makes the TAP devices ONE and OTHER in this namespace, and carries every frame from each to the
 * other as a bad cable would. Frames from and to the hardware addresses pass at once. Ends, and takes both devices with it, on SIGTERM.
 *
 * Node cannot open a TAP device itself: a `socat` for each turns its frames into datagrams on this namespace's loopback.
 */
const [one = "", other = "", faultJson = "{}", ...past] = process.argv.slice(2);
const fault = JSON.parse(faultJson) as CableFault;
const exempt = new Set(past.map((mac) => mac.replaceAll(":", "")));
const frameBytesMax = 65_535;
/** Of a burst that many frames are kept until this program has its turn. */
const bufferBytes = 4 * 1_024 * 1_024;
setPriority(-15);

const tappers: ChildProcess[] = [];
let ending = false;
process.once("SIGTERM", () => {
  ending = true;
  for (const tapper of tappers) tapper.kill("SIGTERM");
  process.exit(0);
});

interface End {
  readonly socket: Socket;
  /** Where its `socat` takes datagrams. */
  readonly port: number;
}

const [first, second] = [await tap(one), await tap(other)];
carry(first, second);
carry(second, first);
console.log(JSON.stringify({ ready: true }));

async function tap(device: string): Promise<End> {
  const [socket, port] = [await bound(), await freePort()];
  const tun = `TUN,tun-type=tap,tun-name=${device},iff-no-pi,iff-up`;
  const tapper = spawn("socat", ["-b", String(frameBytesMax), tun, `UDP4:127.0.0.1:${socket.address().port},bind=127.0.0.1:${port}`], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  tappers.push(tapper);
  tapper.once("exit", (code) => {
    if (!ending) throw new Error(`socat, which carries the frames of ${device}, ended with code ${code}`);
  });
  while (!existsSync(`/sys/class/net/${device}`)) await sleep(5);
  return { socket, port };
}

async function bound(): Promise<Socket> {
  const socket = createSocket({ type: "udp4", recvBufferSize: bufferBytes, sendBufferSize: bufferBytes });
  await once(socket.bind(0, "127.0.0.1"), "listening");
  return socket;
}

/** Nobody else takes ports on this loopback. */
async function freePort(): Promise<number> {
  const socket = await bound();
  const { port } = socket.address();
  await new Promise<void>((closed) => socket.close(closed));
  return port;
}

function carry(from: End, to: End): void {
  from.socket.on("message", (frame) => {
    const deliver = (): void => to.socket.send(frame, to.port, "127.0.0.1");
    if (isExempt(frame)) return deliver();
    for (const afterMs of arrivalsMs(fault, Math.random)) setTimeout(deliver, afterMs);
  });
  // The other end's program is gone: its end is told by itself.
  from.socket.on("error", (error) => console.error(`cable: ${error.message}`));
}

/** An Ethernet frame begins with the hardware addresses of its receiver and its sender. */
function isExempt(frame: Buffer): boolean {
  return exempt.has(frame.toString("hex", 0, 6)) || exempt.has(frame.toString("hex", 6, 12));
}
