import { createSocket } from "node:dgram";
import { setPriority } from "node:os";

/*
 * `echo.ts NAME ADDRESS PORT`: answers every datagram to the address with what it held and the name of this machine, whenever this
 * machine has the address. It is bound to it all the while, so that nothing but the address itself decides who answers.
 */
const [name = "", address = "", port = "0"] = process.argv.slice(2);
setPriority(-15);
const socket = createSocket("udp4");
socket.on("message", (message, from) => socket.send(`${message.toString("latin1")} ${name}`, from.port, from.address));
// Whoever asked has lost its way back: the next question is another one.
socket.on("error", (error) => console.error(`echo: ${error.message}`));
socket.bind(Number(port), address, () => console.log(JSON.stringify({ ready: true })));
