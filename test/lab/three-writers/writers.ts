import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { endProcess, firstJsonLine, startProgram } from "../../demo/child-process.ts";
import { applicationFolder } from "../lab-application.ts";
import type { LabHost } from "../lab-host.ts";
import { ownMachine } from "../namespace.ts";
import { databaseIn } from "./wares.ts";

export function databaseOf({ machine }: LabHost): string {
  return databaseIn(applicationFolder(machine.folder));
}

/** The application's process on each server. */
export class Writers {
  readonly #running = new Map<LabHost, ChildProcess>();
  #runs = 0;

  /** `writer`: as the ledger is to call it. */
  async start(host: LabHost, writer = host.name): Promise<void> {
    this.#runs += 1;
    const logFile = join(host.machine.folder, "writer.log");
    const args = [databaseOf(host), writer, String(this.#runs), committedFile(host, writer)];
    const child = startProgram(join(import.meta.dirname, "writer.ts"), args, {
      logFile,
      stdout: "pipe",
      environment: host.clock.environment,
      ...ownMachine(host.namespace),
    });
    this.#running.set(host, child);
    await firstJsonLine(child, `the writer on ${host.name}`, logFile);
  }

  /** Every process that still runs, or those of these hosts; one that has ended by itself is told. */
  async end(hosts: Iterable<LabHost> = [...this.#running.keys()]): Promise<readonly string[]> {
    const problems: string[] = [];
    for (const host of hosts) {
      const child = this.#running.get(host);
      this.#running.delete(host);
      if (child === undefined) continue;
      if (child.exitCode !== null && child.exitCode !== 0) problems.push(`the writer on ${host.name} ended with code ${child.exitCode}`);
      await endProcess(child);
    }
    return problems;
  }
}

/** Numbers of the transactions that a writer on this host has committed, over all its runs. */
export function committedBy(host: LabHost, writer: string): readonly number[] {
  const file = committedFile(host, writer);
  // The last line may be cut where the power went.
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1).map(Number) : [];
}

/** On none of the disks that a snapshot has. */
function committedFile({ machine }: LabHost, writer: string): string {
  return join(machine.folder, `committed-${writer}`);
}
