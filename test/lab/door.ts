import { createConnection, createServer } from "node:net";

/*
 * `door.ts SOCKET PORT`: whoever connects to the Unix socket reaches the TCP port of this namespace's loopback. A file system is shared by
 * all namespaces, so this is how the lab reaches the control plane's console, which listens on its own loopback alone.
 */
const [path = "", port = "0"] = process.argv.slice(2);
const server = createServer((outside) => {
  const inside = createConnection(Number(port), "127.0.0.1");
  outside.pipe(inside).pipe(outside);
  // Either side may go at any time; the other one is told by the end of its connection.
  outside.on("error", () => inside.destroy());
  inside.on("error", () => outside.destroy());
});
server.listen(path, () => console.log(JSON.stringify({ ready: true })));
