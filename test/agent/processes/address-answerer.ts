import { createSocket } from "node:dgram";

/* A host's application at a virtual address: `address-answerer.ts NAME PORT` answers its name to every datagram, on IPv4 and IPv6. */
const [name = "", port = "0"] = process.argv.slice(2);
const socket = createSocket("udp6");
socket.on("message", (asked, from) => socket.send(`${asked.toString()} ${name}`, from.port, from.address));
socket.bind(Number(port), "::", () => process.stdout.write("ready\n"));
