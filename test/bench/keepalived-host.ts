import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sendSignal } from "../../agent/resources/marked-processes.ts";
import type { Machine } from "../lab/machine.ts";
import { device } from "../lab/switch.ts";

export interface KeepalivedSettings {
  readonly advertSeconds: number;
  readonly priority: number;
  readonly state: "MASTER" | "BACKUP";
  readonly groupAddress: string;
  /** From 1 to 255, one for each pair on a network. */
  readonly routerId: number;
}

/** A machine with keepalived, as its manual sets it up for one address. */
export class KeepalivedHost {
  readonly machine: Machine;
  readonly #configuration: string;
  readonly #pidFiles: readonly [string, string];
  #process: ChildProcess | undefined;

  constructor(machine: Machine, settings: KeepalivedSettings) {
    this.machine = machine;
    this.#configuration = join(machine.folder, "keepalived.conf");
    this.#pidFiles = [join(machine.folder, "keepalived.pid"), join(machine.folder, "vrrp.pid")];
    writeFileSync(this.#configuration, configurationText(machine.name, settings));
  }

  /** How often it has taken the address in all its runs, as its log says. */
  get takeovers(): number {
    return readFileSync(this.#log, "utf8").split("Entering MASTER STATE").length - 1;
  }

  get #log(): string {
    return join(this.machine.folder, "keepalived.log");
  }

  /** The process and its children, as the machine's namespace lists them. */
  async processes(): Promise<number[]> {
    const all = await this.machine.namespace.processes();
    return all.filter((pid) => isKeepalived(pid));
  }

  start(): void {
    const [command = "", ...entry] = this.machine.namespace.entry;
    const [pidFile, vrrpPidFile] = this.#pidFiles;
    const args = ["keepalived", "-P", "-n", "-l", "-D", "-f", this.#configuration, "-p", pidFile, "-r", vrrpPidFile];
    const log = openSync(this.#log, "a");
    this.#process = spawn(command, [...entry, ...args], { stdio: ["ignore", log, log], detached: true });
    closeSync(log);
  }

  /** As an operator's `systemctl stop`. */
  stop(): void {
    this.#process?.kill("SIGTERM");
  }

  async kill(): Promise<void> {
    const all = await this.processes();
    // Stopped first: none may say good-bye while another is killed.
    for (const pid of all) sendSignal(pid, "SIGSTOP");
    for (const pid of all) sendSignal(pid, "SIGKILL");
  }

  async freeze(): Promise<readonly number[]> {
    const all = await this.processes();
    for (const pid of all) sendSignal(pid, "SIGSTOP");
    return all;
  }

  /** Nothing of it is left, and no address. */
  async clear(): Promise<void> {
    await this.kill();
    const child = this.#process;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) await once(child, "exit");
    for (const file of this.#pidFiles) rmSync(file, { force: true });
    await this.machine.dropGroupAddresses();
  }
}

function isKeepalived(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").startsWith("keepalived");
  } catch {
    return false; // It has ended meanwhile.
  }
}

/** VRRP version 2 knows whole seconds only. */
function configurationText(name: string, { advertSeconds, priority, state, groupAddress, routerId }: KeepalivedSettings): string {
  return `global_defs {
  router_id ${name}
  vrrp_version ${Number.isInteger(advertSeconds) ? 2 : 3}
}
vrrp_instance group {
  state ${state}
  interface ${device}
  virtual_router_id ${routerId}
  priority ${priority}
  advert_int ${advertSeconds}
  virtual_ipaddress {
    ${groupAddress}/24 dev ${device}
  }
}
`;
}
