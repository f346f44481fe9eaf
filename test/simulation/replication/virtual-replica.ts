import type { NodeId, OriginId } from "../../../shared/domain/ids.ts";
import { type ConflictPolicy, isByColumn } from "../../../shared/domain/replication/conflict-policy.ts";
import type { Wanted } from "../../../shared/domain/replication/exchange-effects.ts";
import { nextTime } from "../../../shared/domain/replication/hybrid-clock.ts";
import type { KnownVersion } from "../../../shared/domain/replication/merge-rule.ts";
import { nextIncarnation, nodeOf, renumbered } from "../../../shared/domain/replication/origin.ts";
import type { VersionVector } from "../../../shared/domain/replication/replication-status.ts";
import { unitEnd } from "../../../shared/domain/replication/unit-end.ts";
import { joined, seqIn } from "../../../shared/domain/replication/version-vector.ts";
import type { CrashPoint } from "./crash-point.ts";
import { isSettled, mayForgetRival, mayForgetWrite } from "./log-retention.ts";
import type { Mutant } from "./mutant.ts";
import { type Column, type Control, columns, type Row, type SimulatedChange, type TableName } from "./records.ts";
import { type AppliedUnit, applyOpen, OwnOwed } from "./virtual-apply.ts";
import { commitPointsIn, forgetCommitPoints } from "./virtual-commit-points.ts";
import type { VirtualFile } from "./virtual-file.ts";
import { VirtualTable } from "./virtual-table.ts";
import { VirtualTimes } from "./virtual-times.ts";

/** The rule by which each table settles conflicts, as it is declared where something is written; absent: `newest`. */
export type Declared = Readonly<Partial<Record<TableName, ConflictPolicy>>>;

/** What one statement of an application does to one row. */
export type RowWrite = { readonly operation: "put"; readonly row: Row } | { readonly operation: "delete"; readonly row: Row };

/**
 * A replica in a virtual file: what triggers, apply, log and pruning do in SQLite, done to maps. What is decided is decided by the core; this
 * only carries it out.
 */
export class VirtualReplica {
  readonly file: VirtualFile;
  conflicts = 0;
  /** So many own writes are taken in at a time, where there are more (own-slice.ts). */
  ownEntriesMax = Number.POSITIVE_INFINITY;
  /** A unit has no more log entries, where it can end before (unit-end.ts). */
  unitEntriesMax = Number.POSITIVE_INFINITY;
  /** For whoever keeps the books: a unit was committed; changes were given other numbers. */
  onApplied: (changes: readonly SimulatedChange[]) => void = () => {};
  onRenumbered: (old: OriginId, sealed: number, origin: OriginId) => void = () => {};
  onRetimed: (changes: readonly SimulatedChange[]) => void = () => {};
  readonly times: VirtualTimes;
  readonly #mutant: Mutant | null;
  readonly #at: (point: CrashPoint) => void;

  constructor(file: VirtualFile, mutant: Mutant | null, at: (point: CrashPoint) => void) {
    this.file = file;
    this.#mutant = mutant;
    this.times = new VirtualTimes(file, mutant);
    this.#at = at;
  }

  get control(): Control {
    const control = this.file.get("control", "");
    if (control === undefined) throw new Error("the file is no replica");
    return control;
  }

  get vector(): VersionVector {
    const { origin, seq } = this.control;
    return { ...Object.fromEntries(this.file.entries("origin")), [origin]: seq };
  }

  /** Writes that wait for somebody's decision. */
  get openConflicts(): number {
    return [...this.file.entries("rivals")].reduce((sum, [, rivals]) => sum + rivals.filter(({ isOpen }) => isOpen).length, 0);
  }

  /** Makes rows that were there before the data set the first replica. */
  static initialise(file: VirtualFile, owner: NodeId, wallMs: number, rows: readonly Row[]): void {
    file.begin();
    for (const row of rows) file.set("row", `${row.table} ${row.key}`, row);
    const control: Control = {
      n: 0,
      origin: nextIncarnation(owner, {}, wallMs),
      seq: 0,
      hlc: 0,
      context: {},
      absorbed: 0,
      absorbedTime: 0,
      owner,
      sealed: 0,
      boot: "",
      pruned: {},
      settled: {},
    };
    file.set("control", "", control);
    file.commit(true);
  }

  /** A copy of another node's file gets an origin of its own before this node writes to it. */
  adopt(owner: NodeId, wallMs: number): void {
    this.apply([]);
    const { vector, control } = this;
    this.file.begin();
    this.file.set("origin", control.origin, control.seq);
    const adopted: Control = { ...control, owner, origin: nextIncarnation(owner, vector, wallMs), seq: 0, sealed: 0, context: vector };
    this.file.set("control", "", adopted);
    this.file.commit(true);
  }

  /** Opened anew: after a start of the machine its disk may have gone back, and so it may where somebody has put an older copy there. */
  open(boot: string, wallMs: number): void {
    if (this.control.boot !== boot && this.control.boot !== "" && this.#mutant?.trustsItsDisk !== true) this.beginIncarnation(wallMs);
    this.file.begin();
    this.file.set("control", "", { ...this.control, boot });
    this.file.commit(true);
  }

  /** What was written since the file was sealed last, and all that is written from now on, counts under a new incarnation. */
  beginIncarnation(wallMs: number): void {
    const { sealed } = this.control;
    this.file.begin();
    const { control, vector } = this;
    const origin = nextIncarnation(control.owner, vector, wallMs);
    for (const [n, known] of this.file.entries("log")) {
      const change = renumbered(known, control.origin, sealed, origin);
      if (change !== undefined) this.file.set("log", n, { ...change, context: { ...change.context, [control.origin]: sealed } });
    }
    for (const [at, known] of this.file.entries("newest")) {
      const newest = renumbered(known, control.origin, sealed, origin);
      const context = newest?.context === undefined ? undefined : { ...newest.context, [control.origin]: sealed };
      if (newest !== undefined) this.file.set("newest", at, { ...newest, context });
    }
    for (const [at, { whole, columns: writers }] of this.file.entries("columnWrites")) {
      const anew = <Known extends KnownVersion>(known: Known) => renumbered(known, control.origin, sealed, origin) ?? known;
      const writes = new Map([...writers].map(([column, known]) => [column, anew(known)]));
      this.file.set("columnWrites", at, { whole: whole && anew(whole), columns: writes });
    }
    this.file.set("origin", control.origin, sealed);
    this.file.set("control", "", { ...control, origin, seq: control.seq - sealed, sealed: 0 });
    this.file.set("control", "", { ...this.control, context: this.vector });
    this.file.commit(true);
    this.onRenumbered(control.origin, sealed, origin);
  }

  /** One transaction of the application, captured as triggers do it. Returns what was captured. */
  capture(writes: readonly RowWrite[], wallMs: number, synced: boolean, declared: Declared): readonly SimulatedChange[] {
    const captured: SimulatedChange[] = [];
    this.file.begin();
    try {
      this.#captureOpen(writes, wallMs, declared, captured);
      this.#at("capture");
      this.file.commit(synced);
    } catch (error) {
      this.file.rollback();
      throw error;
    }
    return captured;
  }

  #captureOpen(writes: readonly RowWrite[], wallMs: number, declared: Declared, captured: SimulatedChange[]): void {
    let control = this.control;
    for (const { operation, row } of writes) {
      const before = this.file.get("row", `${row.table} ${row.key}`);
      this.file.set("row", `${row.table} ${row.key}`, operation === "put" ? row : undefined);
      if (row.table === "private" && this.#mutant?.capturesPrivate !== true) continue;
      const { n, origin, seq, hlc, context } = control;
      control = { ...control, n: n + 1, seq: seq + 1, hlc: nextTime(hlc, wallMs) };
      const policy = declared[row.table];
      const written = operation === "put" && isByColumn(policy) ? this.#changedColumns(before, row) : undefined;
      const change: SimulatedChange = { origin, seq: control.seq, hlc: control.hlc, context, policy, operation, row, written };
      this.file.set("log", String(control.n), change);
      captured.push(change);
    }
    this.file.set("control", "", control);
  }

  /** As the trigger on updates says it (changed-columns.ts). */
  #changedColumns(before: Row | undefined, row: Row): readonly Column[] | undefined {
    const isWaiting = [...this.file.entries("rivals")].some(
      ([place, rivals]) => place.startsWith(`${row.table} `) && rivals.some(({ policy }) => policy !== undefined && !isByColumn(policy)),
    );
    const changed = columns.filter((column) => row[column] !== before?.[column]);
    return before === undefined || isWaiting || changed.length === 0 ? undefined : changed;
  }

  /** Applies whole transactions of other nodes in one transaction: rows, log entries and vector together or not at all. Throws `OwnOwed` where own writes come first. */
  apply(changes: Iterable<SimulatedChange>): readonly SimulatedChange[] {
    this.#at("apply begun");
    const applied = this.#committed(changes);
    if (applied.owed > 0) throw new OwnOwed();
    return applied.changes;
  }

  #committed(changes: Iterable<SimulatedChange>): AppliedUnit {
    this.file.begin();
    try {
      const applied = applyOpen(this, changes, this.#mutant);
      this.#at("applying");
      this.file.commit(false);
      this.onApplied(applied.changes);
      if (applied.retimed.length > 0) {
        this.onRetimed(applied.retimed);
        this.#at("retimed");
        this.file.sync();
      }
      this.#at("applied");
      return applied;
    } catch (error) {
      this.file.rollback();
      throw error;
    }
  }

  /** Changes that a peer lacks, of the log's entries after `after` and up to `upTo`. */
  read({ after, upTo, peerHas, givenUpTo }: Wanted, changesMax: number) {
    this.#at("read");
    this.times.tell(upTo);
    const changes: SimulatedChange[] = [];
    let end: number | undefined;
    for (let n = after + 1; n <= (end ?? upTo); n += 1) {
      const change = this.file.get("log", String(n));
      if (change === undefined || change.seq <= seqIn(peerHas, change.origin)) continue;
      const isOwn = nodeOf(change.origin) === this.control.owner;
      if (isOwn && givenUpTo !== null && change.seq > seqIn(givenUpTo, change.origin)) continue;
      end ??= this.#unitEnd(n - 1, upTo);
      changes.push(change);
      if (changes.length === changesMax) return { changes, readTo: n, unitEnd: end };
    }
    return { changes, readTo: end ?? upTo, unitEnd: end ?? upTo };
  }

  #unitEnd(after: number, upTo: number): number {
    if (this.#mutant?.endsUnitsAnywhere === true) return Math.min(upTo, after + this.unitEntriesMax);
    return unitEnd(commitPointsIn(this.file), { after, upTo }, this.unitEntriesMax);
  }

  /** Lets go what every member has. Returns the number of log entries that went. */
  prune(stable: VersionVector): number {
    this.apply([]);
    this.#at("pruning");
    this.file.begin();
    const { absorbed } = this.control;
    const gone = [...this.file.entries("log")].filter(([n, change]) => Number(n) <= absorbed && isSettled(stable, change));
    for (const [n] of gone) this.file.set("log", n, undefined);
    forgetCommitPoints(this.file);
    for (const [at, { whole, columns: writers }] of this.file.entries("columnWrites")) {
      const writes = [...(whole === undefined ? [] : [whole]), ...writers.values()];
      if (writes.every((write) => isSettled(stable, write))) this.file.set("columnWrites", at, undefined);
    }
    for (const [at, newest] of this.file.entries("newest")) {
      const displaced = this.file.get("displaced", at) !== undefined;
      const hasColumns = this.file.get("columnWrites", at) !== undefined;
      const row = { settled: isSettled(stable, newest), contested: at.startsWith("named "), stands: newest.stands, displaced, hasColumns };
      if (mayForgetWrite(row)) this.file.set("newest", at, undefined);
    }
    for (const [at, rivals] of this.file.entries("rivals")) {
      const kept = rivals.filter(
        (rival) => !mayForgetRival({ settled: isSettled(stable, rival), isOpen: rival.isOpen && this.#mutant?.prunesOpen !== true }),
      );
      if (kept.length < rivals.length) this.file.set("rivals", at, kept.length === 0 ? undefined : kept);
    }
    const { pruned, settled } = this.control;
    this.file.set("control", "", { ...this.control, pruned: joined(pruned, stable), settled: joined(settled, stable) });
    this.file.commit(false);
    this.#at("pruned");
    return gone.length;
  }

  table(name: TableName): VirtualTable {
    return new VirtualTable(this.file, name, (kind) => this.#mutant?.forgets !== kind);
  }
}
