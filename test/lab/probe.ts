import { createSocket } from "node:dgram";
import { goFirst } from "./go-first.ts";
import { familyOf } from "./lan.ts";

/*
 * `probe.ts EVERY_MS PORT LABEL=FROM>TO ...`: from each local address one datagram every so often, and what came back. Prints
 * `s LABEL NUMBER AT` for each question sent and `a LABEL NUMBER AT NAME` for each answer, AT on the machine's monotonic clock in
 * microseconds, a batch of lines at a time.
 */
const [everyMs = "5", port = "0", ...ways] = process.argv.slice(2);
const printEveryMs = 10;
goFirst();
const nowUs = (): number => Number(process.hrtime.bigint() / 1_000n);
let lines: string[] = [];

/** A way that is down is what is measured here: that no answer comes says so. */
function unanswered(): void {}

for (const way of ways) {
  const [label = "", from = "", to = ""] = way.split(/[=>]/);
  const socket = createSocket(`udp${familyOf(from)}`);
  let number = 0;
  socket.on("message", (message) => {
    const [asked, name] = message.toString("latin1").split(" ");
    lines.push(`a ${label} ${asked} ${nowUs()} ${name}`);
  });
  socket.on("error", unanswered);
  socket.bind(0, from, () => {
    setInterval(() => {
      number += 1;
      lines.push(`s ${label} ${number} ${nowUs()}`);
      socket.send(String(number), Number(port), to, unanswered);
    }, Number(everyMs));
  });
}
setInterval(() => {
  if (lines.length > 0) process.stdout.write(`${lines.join("\n")}\n`);
  lines = [];
}, printEveryMs);
