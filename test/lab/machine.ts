import type { ChildProcess } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { endProcess, firstJsonLine, startProgram } from "../demo/child-process.ts";
import { type Namespace, ownMachine } from "./namespace.ts";
import { echoPort } from "./prober.ts";
import { device, type Port, type Switch } from "./switch.ts";

export interface MachineOptions {
  readonly folder: string;
  readonly name: string;
  /** Its own IPv4 address. */
  readonly address: string;
  /** The address that it shall answer at whenever it has it. */
  readonly groupAddress: string;
}

/** A server on the lab's switch that can lose its power, and on which something answers at the group's address while the machine has it. */
export class Machine {
  readonly name: string;
  readonly namespace: Namespace;
  readonly port: Port;
  readonly folder: string;
  readonly #switch: Switch;
  readonly #groupAddress: string;
  #echo: ChildProcess | undefined;

  private constructor(options: MachineOptions, theSwitch: Switch, namespace: Namespace, port: Port) {
    this.name = options.name;
    this.folder = options.folder;
    this.namespace = namespace;
    this.port = port;
    this.#switch = theSwitch;
    this.#groupAddress = options.groupAddress;
  }

  static async create(theSwitch: Switch, options: MachineOptions): Promise<Machine> {
    mkdirSync(options.folder, { recursive: true });
    const { namespace, port } = await theSwitch.machine(options.name, options.address);
    // What answers is bound to the group's address also while the machine does not have it.
    await namespace.setKernel({ ip_nonlocal_bind: 1 });
    return new Machine(options, theSwitch, namespace, port);
  }

  async powerOn(): Promise<void> {
    await this.#switch.plugIn(this.port.name);
    if (this.#echo !== undefined) await endProcess(this.#echo);
    const logFile = join(this.folder, "echo.log");
    const args = [this.name, this.#groupAddress, String(echoPort)];
    this.#echo = startProgram(join(import.meta.dirname, "echo.ts"), args, { logFile, stdout: "pipe", ...ownMachine(this.namespace) });
    await firstJsonLine(this.#echo, `what answers on ${this.name}`, logFile);
  }

  /** Gone at once, with nothing said to anybody. Its disk stays; what a kernel forgets is forgotten. */
  async losePower(): Promise<void> {
    await this.#switch.blackHole(this.port.name);
    await this.namespace.killAll();
    await this.#switch.pull(this.port.name);
    await this.dropGroupAddress();
    await this.namespace.run("nft", "flush", "ruleset");
  }

  async hasGroupAddress(): Promise<boolean> {
    return (await this.namespace.addresses(device)).includes(this.#groupAddress);
  }

  async dropGroupAddress(): Promise<void> {
    try {
      if (await this.hasGroupAddress()) await this.namespace.ip("address", "del", `${this.#groupAddress}/24`, "dev", device);
    } catch (error) {
      // Its kernel lifetime may have ended meanwhile.
      if (await this.hasGroupAddress()) throw error;
    }
  }
}
