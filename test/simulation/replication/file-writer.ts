import type { ApplyOutcome } from "../../../shared/domain/replication/exchange-events.ts";
import type { VersionVector } from "../../../shared/domain/replication/replication-status.ts";
import { joined } from "../../../shared/domain/replication/version-vector.ts";
import type { FileWatch } from "./file-watch.ts";
import type { Machine } from "./machine.ts";
import type { SimulatedChange } from "./records.ts";
import { Broken, Missing, OwnOwed } from "./virtual-apply.ts";
import { beyondLimitsIn, letGoUpTo } from "./virtual-log.ts";
import type { VirtualReplica } from "./virtual-replica.ts";

/** What an agent writes into its file, where nobody holds a lock on it and its disk has room. */
export class FileWriter {
  readonly #machine: Machine;
  readonly #replica: VirtualReplica;
  readonly #watch: FileWatch;

  constructor(machine: Machine, replica: VirtualReplica, watch: FileWatch) {
    this.#machine = machine;
    this.#replica = replica;
    this.#watch = watch;
  }

  apply(changes: readonly SimulatedChange[]): ApplyOutcome {
    if (this.#machine.isLocked) return { kind: "locked" };
    if (this.#machine.isDiskFull) return { kind: "failed" };
    try {
      this.#settleOwnNumbers();
      this.#replica.apply(changes);
      this.#watch.syncLater();
      return { kind: "applied" };
    } catch (error) {
      // As a lock: it passes by itself.
      if (error instanceof OwnOwed) return { kind: "locked" };
      if (error instanceof Missing) return { kind: "missing" };
      if (error instanceof Broken) return { kind: "broken", reason: error.message };
      throw error;
    }
  }

  /** How many entries went; undefined where nothing can be written. */
  prune(stable: VersionVector): number | undefined {
    if (this.#machine.isLocked || this.#machine.isDiskFull) return undefined;
    try {
      this.#settleOwnNumbers();
      return this.#replica.prune(stable);
    } catch (error) {
      if (!(error instanceof OwnOwed)) throw error;
      return undefined;
    } finally {
      this.#watch.syncLater();
    }
  }

  /** Lets go what is beyond the limits and covered by `spare`; what is kept beside the rows stays until every member has it. */
  letGo(spare: VersionVector): void {
    if (this.#machine.isLocked || this.#machine.isDiskFull) return;
    const { file, control } = this.#replica;
    const { options, mutant } = this.#machine.world;
    const upTo = beyondLimitsIn(file, control.n, options.logLimits, this.#machine.wallMs);
    if (upTo === 0) return;
    if (mutant?.forgetsVersions === true) return void this.prune(spare);
    if (!this.#hasTakenInOwn()) return;
    this.#machine.at("letting go");
    file.begin();
    const gone = letGoUpTo(file, spare, upTo);
    file.set("control", "", { ...this.#replica.control, pruned: joined(this.#replica.control.pruned, gone) });
    file.commit(false);
    this.#machine.at("let go");
    this.#watch.syncLater();
  }

  /** Whether there was no more than one slice of own writes to take in. */
  #hasTakenInOwn(): boolean {
    try {
      this.#settleOwnNumbers();
      this.#replica.apply([]);
      return true;
    } catch (error) {
      if (!(error instanceof OwnOwed)) throw error;
      this.#watch.syncLater();
      return false;
    }
  }

  beginIncarnation(): void {
    this.#replica.beginIncarnation(this.#machine.wallMs);
    this.#replica.times.renumbered();
    this.#watch.opened();
  }

  /** The application's newest writes carry times of a clock that is wrong. A lock lets them wait for the next look. */
  dateOwn(): void {
    if (this.#replica.times.need !== "none" && !this.#machine.isLocked && !this.#machine.isDiskFull) this.apply([]);
  }

  /** What an earlier run may have told of under a time that is wrong has another number before it gets another time. */
  #settleOwnNumbers(): void {
    if (this.#replica.times.need === "incarnation") this.beginIncarnation();
  }
}
