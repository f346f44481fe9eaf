import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { AgentStatus } from "../../agent/local/agent-status.ts";
import { LocalClient } from "../../agent/local/local-client.ts";
import { dataPaths } from "../../agent/storage/data-directory.ts";
import { AgentHost } from "../demo/agent-host.ts";
import { endProcess, firstJsonLine, startProgram } from "../demo/child-process.ts";
import type { Namespace } from "./namespace.ts";
import { echoPort } from "./prober.ts";
import { device, type Port, type Switch } from "./switch.ts";

export const groupAddress = "10.77.0.100";
const groupAddressWithPrefix = `${groupAddress}/24`;

/** What the group runs: the address itself by the commands of iproute2, and the announcement of where it is now. */
export const groupServices = ["address", "announcement"] as const;

const services = {
  address: {
    start: ["/usr/sbin/ip", "address", "replace", groupAddressWithPrefix, "dev", device],
    stop: ["/usr/sbin/ip", "address", "del", groupAddressWithPrefix, "dev", device],
  },
  announcement: { start: ["/usr/bin/arping", "-q", "-U", "-c", "1", "-I", device, groupAddress], stop: ["/usr/bin/true"] },
};

/** One server of the lab's cluster: a machine with an agent, and something that answers at the group's address while the machine has it. */
export class LabHost {
  readonly name: string;
  readonly agent: AgentHost;
  readonly namespace: Namespace;
  readonly port: Port;
  readonly #switch: Switch;
  readonly #folder: string;
  #echo: ChildProcess | undefined;

  private constructor(folder: string, name: string, theSwitch: Switch, namespace: Namespace, port: Port) {
    this.name = name;
    this.#switch = theSwitch;
    this.#folder = folder;
    this.namespace = namespace;
    this.port = port;
    const settings = { listen: { host: port.address }, services };
    this.agent = new AgentHost({ folder, name, settings, runsUnder: namespace.entry });
  }

  static async create(folder: string, name: string, address: string, theSwitch: Switch): Promise<LabHost> {
    const { namespace, port } = await theSwitch.machine(name, address);
    await namespace.setKernel({ ip_nonlocal_bind: 1 });
    return new LabHost(folder, name, theSwitch, namespace, port);
  }

  /** Everything of the machine starts, as after its power is back. */
  async powerOn(): Promise<void> {
    await this.#switch.plugIn(this.port.name);
    await this.#startEcho();
    this.agent.boot();
  }

  /** The machine is gone at once, with nothing said to anybody. Its disk stays; what a kernel forgets is forgotten. */
  async losePower(): Promise<void> {
    await this.#switch.blackHole(this.port.name);
    await this.namespace.killAll();
    await this.#switch.pull(this.port.name);
    if (await this.hasGroupAddress()) await this.namespace.ip("address", "del", groupAddressWithPrefix, "dev", device);
    await this.namespace.run("nft", "flush", "ruleset");
  }

  async #startEcho(): Promise<void> {
    if (this.#echo !== undefined) await endProcess(this.#echo);
    const logFile = join(this.#folder, "echo.log");
    const args = [this.name, groupAddress, String(echoPort)];
    this.#echo = startProgram(join(import.meta.dirname, "echo.ts"), args, { logFile, stdout: "pipe", runsUnder: this.namespace.entry });
    await firstJsonLine(this.#echo, `what answers on ${this.name}`, logFile);
  }

  async hasGroupAddress(): Promise<boolean> {
    return (await this.namespace.addresses(device)).includes(groupAddress);
  }

  /** What the agent says of itself; rejects where none answers. */
  async status(): Promise<AgentStatus> {
    return new LocalClient(dataPaths(this.agent.dataDir).statusSocket).status();
  }
}
