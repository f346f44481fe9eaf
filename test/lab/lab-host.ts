import type { AgentStatus } from "../../agent/local/agent-status.ts";
import { LocalClient } from "../../agent/local/local-client.ts";
import { dataPaths } from "../../agent/storage/data-directory.ts";
import { AgentHost } from "../demo/agent-host.ts";
import { Machine } from "./machine.ts";
import type { Namespace } from "./namespace.ts";
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

/** One server of the lab's cluster: a machine with an agent. */
export class LabHost {
  readonly machine: Machine;
  readonly agent: AgentHost;

  private constructor(machine: Machine) {
    this.machine = machine;
    const { folder, name, port, namespace } = machine;
    const settings = { listen: { host: port.address }, services };
    this.agent = new AgentHost({ folder, name, settings, runsUnder: namespace.entry });
  }

  static async create(folder: string, name: string, address: string, theSwitch: Switch): Promise<LabHost> {
    return new LabHost(await Machine.create(theSwitch, { folder, name, address, groupAddress }));
  }

  get name(): string {
    return this.machine.name;
  }

  get namespace(): Namespace {
    return this.machine.namespace;
  }

  get port(): Port {
    return this.machine.port;
  }

  /** Everything of the machine starts, as after its power is back. */
  async powerOn(): Promise<void> {
    await this.machine.powerOn();
    this.agent.boot();
  }

  async losePower(): Promise<void> {
    await this.machine.losePower();
  }

  #client(): LocalClient {
    return new LocalClient(dataPaths(this.agent.dataDir).statusSocket);
  }

  /** What the agent says of itself; rejects where none answers. */
  async status(): Promise<AgentStatus> {
    return this.#client().status();
  }

  /** Asks the agent to give the default group to another node; rejects with its reason not to. */
  async switchOver(to: LabHost): Promise<void> {
    const refusal = await this.#client().switchover("default", to.name);
    if (refusal !== null) throw new Error(`${this.name} does not switch over: ${refusal}`);
  }
}
