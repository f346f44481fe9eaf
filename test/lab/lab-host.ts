import { join } from "node:path";
import type { DrillReport } from "../../agent/drills/drill-report.ts";
import type { AgentStatus } from "../../agent/local/agent-status.ts";
import { LocalClient } from "../../agent/local/local-client.ts";
import { type ConflictLine, conflictLinesMax } from "../../agent/replication/conflict-record.ts";
import { dataPaths } from "../../agent/storage/data-directory.ts";
import type { GroupName } from "../../shared/domain/ids.ts";
import { AgentHost } from "../demo/agent-host.ts";
import { waitFor } from "../demo/waiting.ts";
import { Disk } from "./disk.ts";
import { routeThroughGateway } from "./gateway.ts";
import { lanAddress, secondLanAddress } from "./lan.ts";
import { Machine } from "./machine.ts";
import { type Namespace, ownMachine } from "./namespace.ts";
import type { Port, Switch } from "./switch.ts";
import { WallClock } from "./wall-clock.ts";

const readoptMsMax = 15_000;

export interface LabHostOptions {
  readonly folder: string;
  readonly name: string;
  /** On every network (lan.ts). */
  readonly number: number;
  readonly groupAddresses: readonly string[];
  /** Of its agent, beyond its name, its data directory and where it listens. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** What the agents call the second network. */
const secondPath = "lan-b";
const secondDevice = "eth1";

export interface LabNetworks {
  readonly network: Switch;
  readonly secondNetwork: Switch | null;
}

/** One server of the lab's cluster: a machine with an agent, whose data lie on a disk of their own. */
export class LabHost {
  readonly machine: Machine;
  readonly agent: AgentHost;
  readonly disk: Disk;
  readonly clock: WallClock;

  /** On the lab's second network, where it has one. */
  readonly secondPort: Port | null;

  private constructor(parts: Pick<LabHost, "machine" | "agent" | "disk" | "secondPort">) {
    this.machine = parts.machine;
    this.agent = parts.agent;
    this.disk = parts.disk;
    this.secondPort = parts.secondPort;
    this.clock = new WallClock(join(parts.machine.folder, "clock"));
  }

  static async create({ network, secondNetwork }: LabNetworks, options: LabHostOptions): Promise<LabHost> {
    const { folder, name, number, groupAddresses, settings } = options;
    const address = lanAddress(number);
    const machine = await Machine.create(network, { folder, name, address, groupAddresses });
    const { namespace } = machine;
    await routeThroughGateway(namespace);
    const secondPort = (await secondNetwork?.join(namespace, name, secondDevice, secondLanAddress(number))) ?? null;
    const paths = secondPort === null ? {} : { [secondPath]: secondPort.address };
    const agent = new AgentHost({ folder, name, settings: { ...settings, listen: { host: address, paths } }, ...ownMachine(namespace) });
    return new LabHost({ machine, agent, disk: await Disk.create(join(folder, "disk.img"), agent.dataDir), secondPort });
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
    this.agent.boot(this.clock.environment);
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

  /** The newest lines of its conflicts journal. */
  async conflicts(dataSet: string): Promise<readonly ConflictLine[]> {
    return (await this.#client().conflicts({ kind: "list", dataSet, limit: conflictLinesMax })) as readonly ConflictLine[];
  }

  /** An operator lets go what waits for its clock; rejects where nothing does. */
  async releaseWithheld(): Promise<void> {
    await this.#client().releaseWithheld();
  }

  /** Its agent leaves what it runs, and another one, of this code or of another, goes on with it. */
  async restartAgent(program?: string): Promise<void> {
    const { agent } = this.agent;
    const ended = new Promise((resolve) => agent.once("exit", resolve));
    const answer = await this.#client().detach();
    if ("refusal" in answer) throw new Error(`${this.name} does not leave its resources: ${answer.refusal}`);
    await ended;
    this.agent.boot(this.clock.environment, program);
    await waitFor(`the agent of ${this.name} to go on with what was left`, readoptMsMax, async () => {
      const { node, groups } = await this.status();
      return node.guardianPid !== null && groups.some(({ state }) => state === "operational") ? true : undefined;
    });
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

  /** Asks the agent for a drill of the default group; rejects with its reason not to. */
  async drill(): Promise<void> {
    await this.#client().drills({ kind: "run", group: "default" as GroupName });
  }

  /** The reports of its drills, newest first. */
  async drills(): Promise<readonly DrillReport[]> {
    return this.#client().drills({ kind: "list" });
  }

  /** An operator has it take the default group, since the other one is surely down; rejects with its reason not to. */
  async takeOver(reason: string): Promise<void> {
    const refusal = await this.#client().takeover("default", reason);
    if (refusal !== null) throw new Error(`${this.name} does not take over: ${refusal}`);
  }
}
