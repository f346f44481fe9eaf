import { covers } from "../../../shared/domain/replication/version-vector.ts";
import { SeededRandom } from "../../../shared/domain/seeded-random.ts";
import type { CrashPoint } from "./crash-point.ts";
import { Machine } from "./machine.ts";
import { type FaultClass, faultClasses } from "./options.ts";
import type { VirtualFile } from "./virtual-file.ts";
import { VirtualReplica } from "./virtual-replica.ts";
import type { SimulatedFrame } from "./wire.ts";
import type { World } from "./world.ts";

const crashPoints: readonly CrashPoint[] = [
  "capture",
  "apply begun",
  "applying",
  "applied",
  "pruning",
  "pruned",
  "letting go",
  "let go",
  "swapping",
  "swapped",
  "read",
  "sent",
  "retimed",
];
const copyEveryMs = 700;

/** What goes wrong in a run, and when. Each fault draws from a stream of its own, so that leaving one out does not reshuffle the others. */
export class Faults {
  /** Of the faults that happened, in their order: `kill 3` is the fourth of its class. */
  readonly happened: string[] = [];
  readonly #world: World;
  readonly #only: ReadonlySet<string> | null;
  /** Copies of each machine's file, as a backup or a snapshot of the machine keeps them. */
  readonly #copies = new Map<Machine, VirtualFile[]>();
  #forging: SeededRandom | undefined;
  #hasRestored = false;
  #hasChangedMembers = false;
  /** Once a file went back beyond what the others keep, what each has journalled of rows that it brings again is left to chance. */
  hasEverRestored = false;

  constructor(world: World, only: ReadonlySet<string> | null) {
    this.#world = world;
    this.#only = only;
  }

  /** Everything that is on in this run, between these two instants. */
  schedule(fromMs: number, untilMs: number, round: number): void {
    const { options, queue } = this.#world;
    this.#hasRestored = false;
    this.#hasChangedMembers = false;
    for (const kind of faultClasses.filter((name) => options.on.has(name))) {
      const times = new SeededRandom(options.seed, `${kind} times ${round}`);
      let atMs = fromMs + times.exponential(options.faultEveryMs);
      for (let number = 0; atMs < untilMs; number += 1) {
        const id = `${kind} ${round}.${number}`;
        if (this.#only === null || this.#only.has(id)) queue.at(Math.round(atMs * 1_000), () => this.#strike(kind, id));
        atMs += times.exponential(options.faultEveryMs);
      }
    }
  }

  keepCopies(untilMs: number): void {
    if (!this.#world.options.on.has("restore")) return;
    for (const machine of this.#world.machines) {
      if (machine.file !== undefined) this.#copies.set(machine, [...(this.#copies.get(machine) ?? []), machine.file.copy()]);
    }
    if (this.#world.nowUs / 1_000 + copyEveryMs < untilMs) this.#world.after(copyEveryMs, () => this.keepCopies(untilMs));
  }

  /** A frame as it goes out: now and then one that lies. */
  forge(frame: SimulatedFrame): SimulatedFrame {
    const random = this.#forging;
    if (random === undefined || frame.type !== "changes") return frame;
    const [first, ...others] = frame.changes;
    if (first === undefined) return frame;
    this.#forging = undefined;
    // A member that lies about rows and numbers in a way that could be true cannot be told from one that says the truth.
    const lies = [
      { ...first, row: { ...first.row, key: "" } },
      { ...first, seq: first.seq + 1_000 },
    ];
    return { ...frame, changes: [random.pick(lies), ...others] };
  }

  #strike(kind: FaultClass, id: string): void {
    const world = this.#world;
    const random = new SeededRandom(world.options.seed, id);
    const machine = random.pick(world.machines);
    const peer = random.pick(world.machines.filter((one) => one !== machine));
    const lastsMs = 50 + random.exponential(800);
    world.log(machine.node, `${id}: ${peer.node}, ${lastsMs.toFixed(0)} ms`);
    this.happened.push(id);
    switch (kind) {
      case "reset": {
        const { openEnds } = world.wire;
        if (openEnds.length > 0) world.wire.reset(random.pick(openEnds));
        return;
      }
      case "cut":
        return this.#cut(
          [
            [machine, peer],
            [peer, machine],
          ],
          lastsMs,
        );
      case "one-way":
        return this.#cut([[machine, peer]], lastsMs);
      case "kill":
        machine.killAgent();
        return world.startAgain(machine);
      case "crash-point":
        machine.armed = { point: random.pick(crashPoints), hasPower: random.chance(0.5) || !world.options.on.has("power") };
        return;
      case "power":
        machine.losePower();
        return world.startAgain(machine);
      case "restore":
        return this.#restore(machine, random);
      case "lock":
        machine.isLocked = true;
        return world.after(lastsMs, () => {
          machine.isLocked = false;
        });
      case "disk-full":
        machine.isDiskFull = true;
        return world.after(lastsMs, () => {
          machine.isDiskFull = false;
        });
      case "forged":
        this.#forging = random;
        return;
      case "clock":
        if (!machine.isClockWrong) machine.skewMs = random.between(-4_000, 4_000);
        return;
      case "skew":
        return this.#skew(machine, random, lastsMs);
      case "membership":
        return this.#changeMembers(machine, random);
      case "rot":
        return this.#rot(machine, random);
    }
  }

  /** A wall clock is set wrong by more than any may be, and right again some time later. A majority of the clocks is right, and known to be; of two, one. */
  #skew(machine: Machine, random: SeededRandom, lastsMs: number): void {
    // Those that have not joined yet tell nobody the time.
    const joined = this.#world.machines.filter(({ file }) => file !== undefined);
    const wrong = joined.filter((one) => one !== machine && (one.isClockWrong || joined.some((other) => other.thinksWrong(one)))).length;
    if (wrong > 0 && (wrong + 1) * 2 >= joined.length) return;
    machine.isClockWrong = true;
    machine.skewMs = (random.chance(0.7) ? 1 : -1) * random.between(20_000, 7_200_000);
    this.#world.after(2 * lastsMs, () => machine.setClockRight());
  }

  #cut(ways: readonly (readonly [Machine, Machine])[], lastsMs: number): void {
    const { wire } = this.#world;
    for (const [from, to] of ways) {
      wire.cut(from.node, to.node);
      this.#world.after(lastsMs, () => wire.mend(from.node, to.node));
    }
  }

  /** The machine's disk is put back to what it was some time ago. */
  #restore(machine: Machine, random: SeededRandom): void {
    const copies = (this.#copies.get(machine) ?? []).filter((copy) => this.#isJudgedAlike(machine, copy));
    // Where several go back, each to another instant, or others are copied from one that went back, no node may be left that has it all.
    if (copies.length === 0 || this.#hasRestored || this.#hasChangedMembers) return;
    this.#hasRestored = true;
    this.hasEverRestored = true;
    machine.losePower();
    machine.use(random.pick(copies).copy());
    this.#world.oracle.lost(machine);
    this.#world.startAgain(machine);
  }

  /**
   * Whether all others have let go something that this copy lacks, or none has. Where only some have, what it wrote may reach those that have not, and
   * from them rows come back whose later writes are forgotten: a limit that REPLICATION.md tells.
   */
  #isJudgedAlike(machine: Machine, copy: VirtualFile): boolean {
    const { vector } = new VirtualReplica(copy, null, () => {});
    const others = this.#world.machines.flatMap(({ replica }) =>
      replica === undefined || replica === machine.replica ? [] : replica.control.settled,
    );
    return new Set(others.map((settled) => covers(vector, settled))).size < 2;
  }

  /** A row is changed beneath capture: by a bad disk, or by a program that has dropped the triggers. */
  #rot({ file }: Machine, random: SeededRandom): void {
    const rows = [...(file?.entries("row") ?? [])].filter(([, { table }]) => table !== "private");
    if (file === undefined || rows.length === 0) return;
    const [place, row] = random.pick(rows);
    const isGone = row.table === "plain" && random.chance(0.3);
    const rotten = isGone ? undefined : { ...row, value: this.#world.nextValue() };
    file.begin();
    file.set("row", place, rotten);
    file.commit(true);
    this.#world.oracle.rotted(place, rotten);
  }

  #changeMembers(machine: Machine, random: SeededRandom): void {
    const world = this.#world;
    if (this.#hasRestored) return;
    this.#hasChangedMembers = true;
    const withData = world.machines.filter(({ file }) => file !== undefined);
    if (withData.length > 2 && random.chance(0.5)) {
      machine.losePower();
      world.machines = world.machines.filter((one) => one !== machine);
      world.oracle.lost(machine);
      return world.changeMembers(world.order.filter((node) => node !== machine.node));
    }
    if (world.machines.length === 8) return;
    const node = world.nextNode();
    world.machines = [...world.machines, new Machine(world, node, [])];
    world.changeMembers([...world.order, node]);
  }
}
