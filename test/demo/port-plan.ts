import { once } from "node:events";
import { createServer } from "node:net";
import type { SitePorts } from "./site.ts";

/** Consecutive ports from the first one: easy to remember, and the same at every start. */
export function portsFrom(first: number): SitePorts {
  const at = (offset: number): number => first + offset;
  return {
    cloud: { http: at(0), agent: at(1), mqtt: at(2), sns: at(3), snsTls: at(4) },
    application: at(5),
    subscriber: at(6),
    servers: [0, 1, 2].map((index) => ({ heartbeat: at(7 + 2 * index), replication: at(8 + 2 * index) })),
  };
}

/** Refuses before anything starts, with the port and the way out, where one of them cannot be had. */
export async function refuseBusyPorts(ports: SitePorts): Promise<void> {
  const all = [...Object.values(ports.cloud), ports.application, ports.subscriber, ...ports.servers.flatMap(Object.values)] as number[];
  for (const port of all) {
    const probe = createServer();
    const outcome = await Promise.race([
      once(probe.listen(port, "127.0.0.1"), "listening").then(() => "free"),
      once(probe, "error").then(([error]) => (error as NodeJS.ErrnoException).code ?? "error"),
    ]);
    if (outcome !== "free")
      throw new Error(`Port ${port} on 127.0.0.1 cannot be used (${outcome}). End what holds it, or choose others: npm start -- --port N`);
    probe.close();
    await once(probe, "close");
  }
}
