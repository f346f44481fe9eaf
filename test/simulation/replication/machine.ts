import type { NodeId } from "../../../shared/domain/ids.ts";
import { SeededRandom } from "../../../shared/domain/seeded-random.ts";
import { AgentProcess } from "./agent-process.ts";
import { randomTransaction } from "./application.ts";
import type { CrashPoint } from "./crash-point.ts";
import type { Row } from "./records.ts";
import type { VirtualFile } from "./virtual-file.ts";
import { type Declared, VirtualReplica } from "./virtual-replica.ts";
import type { World } from "./world.ts";

/** What a crash point throws: whatever was being done there is not done any further. */
export class Crashed extends Error {
  readonly hasPower: boolean;

  constructor(point: CrashPoint, hasPower: boolean) {
    super(`killed at ${point}`);
    this.hasPower = hasPower;
  }
}

/** A server: its disk, its application, and its agent while that runs. */
export class Machine {
  readonly node: NodeId;
  readonly world: World;
  readonly #writes: SeededRandom;
  readonly #losses: SeededRandom;
  /** Members by the newest cluster document that has reached it. */
  order: readonly NodeId[];
  /** As the same document declares it. */
  declared: Declared;
  file: VirtualFile | undefined;
  agent: AgentProcess | undefined;
  replica: VirtualReplica | undefined;
  isOn = true;
  isJoining = false;
  /** What is local here, kept while there is no file. */
  privateRows: readonly Row[] = [];
  #heard = "";
  #boots = 1;
  isLocked = false;
  isDiskFull = false;
  /** How far its wall clock is off. */
  skewMs = 0;
  /** By more than any clock may be. */
  isClockWrong = false;
  /** Where it is to be killed next, and whether the power goes with it. */
  armed: { readonly point: CrashPoint; readonly hasPower: boolean } | undefined;

  constructor(world: World, node: NodeId, order: readonly NodeId[]) {
    this.world = world;
    this.node = node;
    this.order = order;
    this.declared = world.declared;
    this.#writes = new SeededRandom(world.options.seed, `application of ${node}`);
    this.#losses = new SeededRandom(world.options.seed, `power of ${node}`);
  }

  get wallMs(): number {
    return this.trueWallMs + this.skewMs;
  }

  get trueWallMs(): number {
    return 1_700_000_000_000 + this.world.nowUs / 1_000;
  }

  /** Its agent goes by what the other's clock was, which has been put right since: it has not heard of it. */
  thinksWrong({ node, trueWallMs, world }: Machine): boolean {
    const clocks = this.agent?.state.clocks;
    const reading = clocks?.readings[node];
    const rightOffsetMs = trueWallMs - world.nowUs / 1_000;
    return clocks !== undefined && reading !== undefined && Math.abs(reading.offsetMs - rightOffsetMs) > clocks.skewMsMax;
  }

  setClockRight(): void {
    if (this.isClockWrong) this.skewMs = 0;
    this.isClockWrong = false;
  }

  /** This start of it. */
  get boot(): string {
    return `boot ${this.#boots}`;
  }

  /** Another file stands in the place of the data set's. */
  use(file: VirtualFile): void {
    this.file = file;
    this.replica = new VirtualReplica(file, this.world.mutant, (point) => this.at(point));
    this.replica.ownEntriesMax = this.world.options.ownEntriesMax;
    this.replica.unitEntriesMax = this.world.options.unitEntriesMax;
    this.replica.onApplied = (changes) => this.world.oracle.applied(this, changes);
    this.replica.onRetimed = (changes) => this.world.oracle.retimed(this, changes);
    this.replica.onRenumbered = (old, sealed, origin) => this.world.oracle.renumbered(this, old, sealed, origin);
    this.world.oracle.looked(this);
  }

  /** An operator moves the file away: a fresh copy comes, and what is local stays. */
  moveFileAway(): void {
    this.killAgent();
    if (this.file !== undefined) this.privateRows = this.privateRowsIn(this.file);
    this.file = undefined;
    this.replica = undefined;
    this.world.oracle.lost(this);
  }

  privateRowsIn(file: VirtualFile): readonly Row[] {
    return [...file.entries("row")].flatMap(([, row]) => (row.table === "private" ? [row] : []));
  }

  tellHeard(peers: readonly NodeId[]): void {
    if (peers.join() === this.#heard) return;
    this.#heard = peers.join();
    this.agent?.heard(peers);
  }

  /** How long the disk takes to have what was committed last. */
  syncMs(): number {
    return this.#losses.exponential(this.world.options.syncMs);
  }

  /** The agent's process starts, on a machine that runs and has a replica. */
  startAgent(): void {
    if (!this.isOn || this.agent !== undefined || this.replica === undefined) return;
    this.#heard = "";
    this.guard(() => this.replica?.open(this.boot, this.wallMs));
    if (!this.isOn) return;
    this.agent = new AgentProcess(this, this.replica);
    this.agent.start();
  }

  /** kill -9 of the agent: what was committed is there. */
  killAgent(): void {
    this.agent?.end(true);
    this.agent = undefined;
  }

  losePower(): void {
    this.agent?.end(false);
    this.agent = undefined;
    this.isOn = false;
    this.isLocked = false;
    if (this.file === undefined) return;
    this.file.losePower(this.#losses.between(0, this.file.unsynced));
    this.world.oracle.lost(this);
  }

  powerUp(): void {
    if (!this.isOn) this.#boots += 1;
    this.isOn = true;
  }

  /** One transaction of the application, whether or not the agent runs. */
  write(): void {
    const { file, replica, world } = this;
    if (!this.isOn || file === undefined || replica === undefined || this.isLocked || this.isDiskFull) return;
    const transaction = randomTransaction(replica, this.#writes, world.options.keys, () => world.nextValue());
    this.guard(() => {
      const captured = replica.capture(transaction, this.wallMs, world.options.isApplicationSynced, this.declared);
      world.oracle.captured(this, captured);
      for (const { row } of transaction) if (row.table === "private") world.oracle.wrotePrivately(this.node, row.value);
      if (!world.options.isApplicationSynced) world.after(this.#writes.between(5, 1_500), () => file.sync());
    });
    // The file stirs: the agent looks at it soon.
    world.after(2, () => this.agent?.looked());
  }

  /** Throws where this machine is to be killed at this point. */
  at(point: CrashPoint): void {
    if (this.armed?.point !== point) return;
    const { hasPower } = this.armed;
    this.armed = undefined;
    throw new Crashed(point, hasPower);
  }

  /** Runs what may be killed in the middle. */
  guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      if (!(error instanceof Crashed)) throw error;
      this.world.log(this.node, error.message);
      if (error.hasPower) this.killAgent();
      else this.losePower();
      this.world.startAgain(this);
    }
  }
}
