import type { NodeId } from "../../../shared/domain/ids.ts";
import { SeededRandom } from "../../../shared/domain/seeded-random.ts";
import { EventQueue } from "../event-queue.ts";
import { Comparer } from "./comparer.ts";
import { Faults } from "./faults.ts";
import { joinFromPeers } from "./join.ts";
import { Machine } from "./machine.ts";
import type { Mutant } from "./mutant.ts";
import type { SimulationOptions } from "./options.ts";
import { Oracle } from "./oracle.ts";
import type { Row } from "./records.ts";
import { VirtualFile } from "./virtual-file.ts";
import { type Declared, VirtualReplica } from "./virtual-replica.ts";
import { Wire } from "./wire.ts";

const heartbeatMs = 200;
const initialRows: readonly Row[] = [
  { table: "plain", key: "k1", name: null, value: 1, note: 1 },
  { table: "named", key: "k1", name: "n1", value: 2, note: 2 },
  { table: "named", key: "k2", name: "n2", value: 3, note: 3 },
];

/** Everything that there is in one run: machines, the streams between them, true time, and who judges. */
export class World {
  readonly options: SimulationOptions;
  readonly mutant: Mutant | null;
  readonly queue = new EventQueue();
  readonly wire: Wire;
  readonly oracle: Oracle;
  readonly faults: Faults;
  machines: readonly Machine[];
  /** Members by the newest cluster document. */
  order: readonly NodeId[];
  /** How the newest cluster document declares that conflicts are settled. */
  declared: Declared;
  nowUs = 0;
  readonly #trace: ((line: string) => void) | null;
  readonly #restarts: SeededRandom;
  readonly #declarations: SeededRandom;
  #values = 100;
  #nodes = 0;

  constructor(options: SimulationOptions, mutant: Mutant | null, only: ReadonlySet<string> | null, trace: ((line: string) => void) | null) {
    this.options = options;
    this.mutant = mutant;
    this.declared = options.declared[0];
    this.#trace = trace;
    this.#restarts = new SeededRandom(options.seed, "restarts");
    this.#declarations = new SeededRandom(options.seed, "declarations");
    this.wire = new Wire(options.seed, options.meanDelayMs, this.queue);
    this.oracle = new Oracle(initialRows, () => this.nowUs / 1_000);
    this.faults = new Faults(this, only);
    this.order = Array.from({ length: options.nodes }, () => this.nextNode());
    this.machines = this.order.map((node) => new Machine(this, node, this.order));
    const source = new VirtualFile();
    const [first, ...others] = this.machines;
    if (first === undefined) throw new Error("a cluster needs a node");
    VirtualReplica.initialise(source, first.node, first.wallMs, initialRows);
    first.use(source);
    for (const machine of others) {
      const file = source.copy();
      new VirtualReplica(file, null, () => {}).adopt(machine.node, machine.wallMs);
      machine.use(file);
    }
    for (const machine of this.machines) machine.startAgent();
    this.#tellHeartbeats();
    new Comparer(this).start();
  }

  nextNode(): NodeId {
    this.#nodes += 1;
    return `node_${String(this.#nodes).padStart(2, "0")}` as NodeId;
  }

  nextValue(): number {
    this.#values += 1;
    return this.#values;
  }

  after(ms: number, run: () => void): void {
    this.queue.at(this.nowUs + Math.round(ms * 1_000), run);
  }

  log(node: NodeId | null, what: string): void {
    this.#trace?.(`${(this.nowUs / 1_000).toFixed(1).padStart(9)} ${node ?? ""} ${what}`);
  }

  /** What was killed comes back: the agent soon, a machine somewhat later. */
  startAgain(machine: Machine): void {
    this.after(machine.isOn ? this.#restarts.between(50, 800) : this.#restarts.between(300, 2_500), () => this.start(machine));
  }

  start(machine: Machine): void {
    if (!this.machines.includes(machine)) return;
    machine.powerUp();
    machine.startAgent();
  }

  /** A newer document reaches everybody, each at its own time. */
  changeMembers(order: readonly NodeId[]): void {
    this.order = order;
    for (const machine of this.machines) {
      this.after(this.#restarts.between(1, 300), () => this.tellMembers(machine));
    }
  }

  /** So does a newer one that declares other ways of settling conflicts: what is written before it has come is written under the older one. */
  changeDeclared(declared: Declared): void {
    this.declared = declared;
    for (const machine of this.machines) {
      this.after(this.#declarations.between(1, 600), () => {
        machine.declared = declared;
      });
    }
  }

  tellMembers(machine: Machine): void {
    if (machine.order === this.order) return;
    machine.order = this.order;
    machine.agent?.documentChanged(this.order);
  }

  /** Faults strike until all is healed. */
  begin(round: number, healAtMs: number): void {
    this.wire.setHealed(false);
    this.faults.schedule(this.nowUs / 1_000, healAtMs, round);
    this.faults.keepCopies(healAtMs);
  }

  /** All that was broken is mended; from now on nothing stands in the way. */
  heal(): void {
    this.log(null, "healed");
    this.wire.heal();
    for (const machine of this.machines) {
      machine.isLocked = false;
      machine.isDiskFull = false;
      machine.armed = undefined;
      machine.setClockRight();
      this.tellMembers(machine);
      this.start(machine);
    }
  }

  /** Goes on from event to event; the first violation ends the run. False then. */
  pass(untilMs: number): boolean {
    const untilUs = untilMs * 1_000;
    while ((this.queue.nextAtUs ?? Number.POSITIVE_INFINITY) <= untilUs) {
      const next = this.queue.next();
      if (next === undefined) break;
      this.nowUs = next.atUs;
      this.wire.nowUs = next.atUs;
      next.run();
      if (this.oracle.violations.length > 0) return false;
    }
    this.nowUs = untilUs;
    this.wire.nowUs = untilUs;
    return true;
  }

  /** Whose heartbeats arrive; and whoever has no data asks for a copy. */
  #tellHeartbeats(): void {
    for (const machine of this.machines) {
      joinFromPeers(this, machine);
      if (!this.options.hasHeartbeats || machine.agent === undefined) continue;
      const heard = this.machines.filter((one) => one !== machine && one.agent !== undefined && this.wire.canTalk(one.node, machine.node));
      machine.tellHeard(heard.map(({ node }) => node));
    }
    this.after(heartbeatMs, () => this.#tellHeartbeats());
  }
}
