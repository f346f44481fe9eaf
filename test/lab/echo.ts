import { createSocket } from "node:dgram";
import { goFirst } from "./go-first.ts";
import { familyOf } from "./lan.ts";

/*
 * `echo.ts NAME PORT ADDRESS...`: answers every datagram to one of the addresses with what it held and the name of this machine, whenever this
 * machine has the address. It is bound to them all the while, so that nothing but the address itself decides who answers.
 */
const [name = "", port = "0", ...addresses] = process.argv.slice(2);
goFirst();
await Promise.all(addresses.map(answerAt));
console.log(JSON.stringify({ ready: true }));

function answerAt(address: string): Promise<void> {
  const socket = createSocket(`udp${familyOf(address)}`);
  socket.on("message", (message, from) => socket.send(`${message.toString("latin1")} ${name}`, from.port, from.address));
  // Whoever asked has lost its way back: the next question is another one.
  socket.on("error", (error) => console.error(`echo: ${error.message}`));
  return new Promise((bound) => socket.bind(Number(port), address, bound));
}
