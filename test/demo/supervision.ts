import type { Narrator } from "./narrator.ts";
import type { Server } from "./server.ts";
import type { Site } from "./site.ts";

export const bootAfterMs = 15_000;

/** A server whose agent has died boots again after a while, as a real one would after a power cut. */
export function keepAlive(site: Site, narrator: Narrator, ending: AbortSignal): void {
  let cloudIsStarting = false;
  const down = new Map<Server, number>();
  const timer = setInterval(() => {
    for (const server of site.servers) {
      if (server.isRunning) continue;
      const since = down.get(server);
      if (since === undefined) {
        down.set(server, performance.now());
        narrator.tell(`${server.name} is down; it boots again in ${bootAfterMs / 1_000} s`);
      } else if (performance.now() - since > bootAfterMs) {
        down.delete(server);
        server.boot();
        narrator.tell(`${server.name} boots (agent: process ${server.agent.pid})`);
      }
    }
    if (!site.cloud.isRunning && !cloudIsStarting) {
      cloudIsStarting = true;
      narrator.tell(`the control plane is down; it starts again in ${bootAfterMs / 1_000} s`);
      setTimeout(() => {
        if (ending.aborted) return;
        site.cloud
          .start()
          .then(() => narrator.tell(`the control plane is back (process ${site.cloud.pid})`))
          .catch((error: unknown) => narrator.tell(`the control plane does not start: ${String(error)}`))
          .finally(() => (cloudIsStarting = false));
      }, bootAfterMs).unref();
    }
  }, 250);
  ending.addEventListener("abort", () => clearInterval(timer));
}

/** Tells every change of the server that answers, and every alert that has arrived. */
export async function watch(site: Site, narrator: Narrator, operational: Server, ending: AbortSignal): Promise<void> {
  let current = operational.name;
  let alerts = site.inbox.received.length;
  while (!ending.aborted) {
    const name = await site.application.whoAnswers();
    if (name !== undefined && name !== current) {
      narrator.tell(`${name} answers at the application's address in place of ${current}`);
      current = name;
    }
    for (const alert of site.inbox.received.slice(alerts)) narrator.tell(`the subscriber received a verified alert: ${alert.kind}`);
    alerts = site.inbox.received.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
