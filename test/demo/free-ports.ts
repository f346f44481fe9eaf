import { once } from "node:events";
import { createServer } from "node:net";

/** TCP ports on loopback that nobody holds now, given by the kernel; all are held at once so that no two are equal. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
    return address.port;
  });
  await Promise.all(servers.map(async (server) => once(server.close(), "close")));
  return ports;
}
