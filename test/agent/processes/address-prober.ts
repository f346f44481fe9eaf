import { createSocket } from "node:dgram";
import { monotonicUs } from "../../../agent/resources/monotonic.ts";

/*
 * A client of a virtual address: `address-prober.ts HOST PORT` asks every few milliseconds, for as long as its standard input is open, and
 * prints `WHEN_MS NAME` for each answer: when its question was sent, on the machine's monotonic clock, and who answered.
 */
const everyMs = 4;
const [host = "", port = "0"] = process.argv.slice(2);
const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
socket.on("message", (answer) => process.stdout.write(`${answer.toString()}\n`));
// Nobody at the address is what this is about.
socket.on("error", () => {});
setInterval(() => socket.send(String(monotonicUs() / 1_000), Number(port), host, () => {}), everyMs);
process.stdin.resume().once("end", () => process.exit(0));
