import type { AgentStatus } from "../../agent/local/agent-status.ts";
import { LocalClient } from "../../agent/local/local-client.ts";
import { dataPaths } from "../../agent/storage/data-directory.ts";
import { AgentHost } from "../demo/agent-host.ts";
import { Machine } from "./machine.ts";
import { type Namespace, ownMachine } from "./namespace.ts";
import type { Port, Switch } from "./switch.ts";

export const groupAddress = "10.77.0.100";
/** What the group's holder has. */
export const groupResources = [{ kind: "address", name: "front", address: `${groupAddress}/24` }] as const;

/** What the agents call the second network. */
export const secondPath = "lan-b";
const secondDevice = "eth1";

export interface LabNetworks {
  readonly network: Switch;
  readonly secondNetwork: Switch | null;
}

/** On the one network and on the other. */
type LabAddresses = readonly [string, string];

/** One server of the lab's cluster: a machine with an agent. */
export class LabHost {
  readonly machine: Machine;
  readonly agent: AgentHost;

  /** On the lab's second network, where it has one. */
  readonly secondPort: Port | null;

  private constructor(machine: Machine, secondPort: Port | null) {
    this.machine = machine;
    this.secondPort = secondPort;
    const { folder, name, port, namespace } = machine;
    const paths = secondPort === null ? {} : { [secondPath]: secondPort.address };
    const settings = { listen: { host: port.address, paths } };
    this.agent = new AgentHost({ folder, name, settings, ...ownMachine(namespace) });
  }

  static async create(folder: string, name: string, [address, secondAddress]: LabAddresses, networks: LabNetworks): Promise<LabHost> {
    const machine = await Machine.create(networks.network, { folder, name, address, groupAddress });
    const second = await networks.secondNetwork?.join(machine.namespace, name, secondDevice, secondAddress);
    return new LabHost(machine, second ?? null);
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

  /** Ends its quarantine: the lab strikes the same hosts more often than a fault would that is found and mended. */
  async readmit(): Promise<void> {
    await this.#client().readmit();
  }

  /** Asks the agent to give the default group to another node; rejects with its reason not to. */
  async switchOver(to: LabHost): Promise<void> {
    const refusal = await this.#client().switchover("default", to.name);
    if (refusal !== null) throw new Error(`${this.name} does not switch over: ${refusal}`);
  }
}
