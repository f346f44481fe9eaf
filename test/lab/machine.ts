import type { ChildProcess } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { endProcess, firstJsonLine, startProgram } from "../demo/child-process.ts";
import { withPrefix } from "./lan.ts";
import { type Namespace, ownMachine } from "./namespace.ts";
import { echoPort } from "./prober.ts";
import { device, type Port, type Switch } from "./switch.ts";

export interface MachineOptions {
  readonly folder: string;
  readonly name: string;
  /** Its own, of IPv4. */
  readonly address: string;
  /** Where it shall answer whenever it has the address. */
  readonly groupAddresses: readonly string[];
}

/** A server on the lab's switch that can lose its power, and on which something answers at a group's address while the machine has it. */
export class Machine {
  readonly name: string;
  readonly namespace: Namespace;
  readonly port: Port;
  readonly folder: string;
  readonly #switch: Switch;
  readonly #groupAddresses: readonly string[];
  #echo: ChildProcess | undefined;

  private constructor(options: MachineOptions, theSwitch: Switch, namespace: Namespace, port: Port) {
    this.name = options.name;
    this.folder = options.folder;
    this.namespace = namespace;
    this.port = port;
    this.#switch = theSwitch;
    this.#groupAddresses = options.groupAddresses;
  }

  static async create(theSwitch: Switch, options: MachineOptions): Promise<Machine> {
    mkdirSync(options.folder, { recursive: true });
    const { namespace, port } = await theSwitch.machine(options.name, options.address);
    // What answers is bound to a group's address also while the machine does not have it.
    await namespace.setKernel({ "ipv4.ip_nonlocal_bind": 1, "ipv6.ip_nonlocal_bind": 1 });
    return new Machine(options, theSwitch, namespace, port);
  }

  async powerOn(): Promise<void> {
    await this.#switch.endBlackHole(this.port.name);
    await this.#switch.plugIn(this.port.name);
    if (this.#echo !== undefined) await endProcess(this.#echo);
    const logFile = join(this.folder, "echo.log");
    const args = [this.name, String(echoPort), ...this.#groupAddresses];
    this.#echo = startProgram(join(import.meta.dirname, "echo.ts"), args, { logFile, stdout: "pipe", ...ownMachine(this.namespace) });
    await firstJsonLine(this.#echo, `what answers on ${this.name}`, logFile);
  }

  /** Gone at once, with nothing said to anybody. Its disk stays; what a kernel forgets is forgotten. */
  async losePower(): Promise<void> {
    await this.#switch.blackHole(this.port.name);
    await this.namespace.killAll();
    await this.#switch.pull(this.port.name);
    await this.dropGroupAddresses();
    await this.namespace.run("nft", "flush", "ruleset");
  }

  /** Which of the groups' addresses it has now. */
  async groupAddresses(): Promise<string[]> {
    const own = await this.namespace.addresses(device);
    return this.#groupAddresses.filter((address) => own.includes(address));
  }

  async dropGroupAddresses(): Promise<void> {
    for (const address of await this.groupAddresses()) {
      try {
        await this.namespace.ip("address", "del", withPrefix(address), "dev", device);
      } catch (error) {
        // Its kernel lifetime may have ended meanwhile.
        if ((await this.groupAddresses()).includes(address)) throw error;
      }
    }
  }
}
