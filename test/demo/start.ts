import { once } from "node:events";
import { resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { parseCall } from "../parse-call.ts";
import { installApplication } from "./install-application.ts";
import { joinServer } from "./joining-progress.ts";
import { Narrator } from "./narrator.ts";
import { portsFrom, refuseBusyPorts } from "./port-plan.ts";
import type { Server } from "./server.ts";
import { Site } from "./site.ts";
import { bootAfterMs, keepAlive, watch } from "./supervision.ts";
import { waitFor } from "./waiting.ts";

/** The ports that a site uses: the first, and the next twelve. */
const portRange = { least: 1_024, most: 65_000 } as const;

const program = new Command("npm start --")
  .description(
    "Starts a control plane and a demonstration customer on this machine (three servers with an agent and the customer's application), and keeps them running until Ctrl-C. The data stay for the next start.",
  )
  .option("--folder <dir>", "where the data lie", ".understudy/site")
  .option("--port <number>", "first of the ports used on 127.0.0.1: the console; the next 12 follow", portNumber, 8080);

function portNumber(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= portRange.least && port <= portRange.most) return port;
  throw new InvalidArgumentError(`Give a whole number from ${portRange.least} to ${portRange.most}.`);
}

async function bringUp(site: Site, narrator: Narrator): Promise<void> {
  const addresses = await site.cloud.start();
  narrator.tell("control plane ready");
  site.inbox.start(addresses);
  const { clusterId } = site.memory() ?? (await site.register());
  for (const server of site.servers) {
    if (server.isEnrolled) continue;
    if (server === site.servers[0]) installApplication(server.database);
    await joinServer(server, site.api(), clusterId, narrator);
  }
  for (const server of site.servers.filter((one) => !one.isRunning)) server.boot();
  const operational = await site.operationalServer(60_000);
  narrator.tell(`${operational.name} is operational: the application answers at http://127.0.0.1:${site.ports.application}/`);
}

function tellWhatToTry(site: Site, operational: Server, narrator: Narrator): void {
  const { email, password } = site.cloud.firstLogin();
  narrator.plain(`
  Console      ${site.cloud.addresses.console}
  First login  ${email}  ${password}
  Application  http://127.0.0.1:${site.ports.application}/

  Try:
    kill -9 ${operational.agent.pid}    the agent of ${operational.name}, which is operational: its application goes down with it
                  and another server answers at the same address; ${operational.name} boots again after ${bootAfterMs / 1_000} s
    kill ${site.cloud.pid}       the control plane: the servers go on and fail over without it; it starts again after ${bootAfterMs / 1_000} s
    Ctrl-C        end everything; the data stay
`);
}

async function main(): Promise<number> {
  const options = parseCall(program).opts<{ readonly folder: string; readonly port: number }>();
  const narrator = new Narrator(process.stdout);
  const ending = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => ending.abort());
  const aborted = once(ending.signal, "abort");
  const ports = portsFrom(options.port);
  await refuseBusyPorts(ports);
  const site = new Site(resolve(options.folder), ports);
  try {
    await Promise.race([bringUp(site, narrator), aborted]);
    if (!ending.signal.aborted) {
      const operational = await waitFor("an operational server", 10_000, async () => site.operationalServer(5_000));
      tellWhatToTry(site, operational, narrator);
      site.application.startWriting(500, () => undefined);
      keepAlive(site, narrator, ending.signal);
      await watch(site, narrator, operational, ending.signal);
    }
    narrator.tell("ending: the servers first, then the control plane");
    return 0;
  } finally {
    await site.application.stopWriting();
    const killed = await site.end();
    narrator.tell(killed.length === 0 ? "ended; no process is left" : `ended; had to be killed: ${killed.join(", ")}`);
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
