import type { NodeId, OriginId } from "../../../shared/domain/ids.ts";
import { isByColumn } from "../../../shared/domain/replication/conflict-policy.ts";
import { compareVersions } from "../../../shared/domain/replication/merge-rule.ts";
import { nodeOf, renumbered } from "../../../shared/domain/replication/origin.ts";
import type { VersionVector } from "../../../shared/domain/replication/replication-status.ts";
import { covers, seqIn } from "../../../shared/domain/replication/version-vector.ts";
import { ClockBook } from "./clock-book.ts";
import { expectedRows, notInQueue, unjournalled } from "./expected-rows.ts";
import type { Machine } from "./machine.ts";
import { isSameRow, type Row, type SimulatedChange, writeId } from "./records.ts";
import { RotBook } from "./rot-book.ts";
import type { VirtualFile } from "./virtual-file.ts";
import type { SimulatedFrame } from "./wire.ts";

/** `unsafe`: something is so that never may be. `not converged`: something has not come about that must. */
export interface Violation {
  readonly verdict: "unsafe" | "not converged";
  readonly rule: "C1" | "C2" | "C3" | "C4" | "C5" | "journal" | "clock";
  readonly what: string;
  readonly atMs: number;
}

/** Knows every committed write, and judges what becomes of it. */
export class Oracle {
  readonly violations: Violation[] = [];
  readonly warnings: string[] = [];
  readonly #nowMs: () => number;
  readonly #initial: readonly Row[];
  /** What each machine has captured, by origin and number; until it goes out, a fault may take it back, or give it another number. */
  readonly #drafts = new Map<NodeId, Map<string, { readonly change: SimulatedChange; readonly ends: boolean }>>();
  readonly #clocks = new ClockBook();
  /** Every write that ever went out, by origin and number. */
  readonly #writes = new Map<string, SimulatedChange>();
  /** The numbers at which a transaction of an origin ended. */
  readonly #ends = new Map<OriginId, Set<number>>();
  /** How far some file has each origin, as far as no fault has taken it away again. */
  #alive: Record<OriginId, number> = {};
  readonly #rot = new RotBook();
  /** How far each file had each origin last. */
  readonly #had = new Map<NodeId, Record<OriginId, number>>();

  constructor(initial: readonly Row[], nowMs: () => number) {
    this.#initial = initial;
    this.#nowMs = nowMs;
  }

  get writes(): number {
    return this.#writes.size;
  }

  captured(machine: Machine, changes: readonly SimulatedChange[]): void {
    const drafts = this.#draftsOf(machine.node);
    for (const [position, change] of changes.entries()) {
      if (change.row.table === "private") this.#unsafe("C4", `${machine.node} captured a row of a local table`);
      const newest = machine.file?.get("newest", `${change.row.table} ${change.row.key}`);
      if (newest !== undefined && newest.hlc >= change.hlc) {
        this.#unsafe("C2", `${machine.node} wrote ${writeId(change)} over a write that it counts as later`);
      }
      this.#clocks.wrote(change, machine.trueWallMs);
      drafts.set(writeId(change), { change, ends: position === changes.length - 1 });
    }
    this.#note(machine);
  }

  /** A unit was committed to a file: each change the next of its origin, the one that was captured, and no transaction half. */
  applied(machine: Machine, changes: readonly SimulatedChange[]): void {
    const had = { ...this.#had.get(machine.node) };
    for (const change of changes) {
      const known = seqIn(had, change.origin);
      if (change.seq <= known) this.#unsafe("C2", `${machine.node} applied ${writeId(change)} twice`);
      if (change.seq > known + 1) this.#unsafe("C2", `${machine.node} applied ${writeId(change)} before number ${known + 1}`);
      had[change.origin] = change.seq;
      const captured = this.#writes.get(writeId(change));
      if (captured === undefined || captured.hlc !== change.hlc || !isSameRow(captured.row, change.row)) {
        this.#unsafe(
          captured === undefined ? "C5" : "C2",
          `${machine.node} applied ${writeId(change)}, which is not what was captured under that number`,
        );
      }
    }
    for (const { origin } of changes) {
      if (!this.#endsOf(origin).has(seqIn(had, origin))) this.#unsafe("C2", `${machine.node} shows half a transaction of ${origin}`);
    }
    this.#note(machine);
  }

  /** A node has begun a new incarnation: what it wrote after `sealed` has other numbers there now. */
  renumbered(machine: Machine, old: OriginId, sealed: number, origin: OriginId): void {
    const drafts = this.#draftsOf(machine.node);
    for (let seq = sealed + 1; seq <= seqIn(this.#had.get(machine.node) ?? {}, old); seq += 1) {
      const draft = drafts.get(`${old}#${seq}`);
      const change = draft === undefined ? undefined : renumbered(draft.change, old, sealed, origin);
      if (draft === undefined || change === undefined) continue;
      const context = { ...change.context, [old]: sealed };
      drafts.set(writeId(change), { change: { ...change, context }, ends: draft.ends });
    }
    this.lost(machine);
  }

  /** Own writes that were dated by a wrong clock have other times in this machine's file: nobody may have them under those that they had. */
  retimed(machine: Machine, changes: readonly SimulatedChange[]): void {
    const drafts = this.#draftsOf(machine.node);
    for (const change of changes) {
      const draft = drafts.get(writeId(change));
      if (draft === undefined) continue;
      drafts.set(writeId(change), { ...draft, change: { ...draft.change, hlc: change.hlc } });
      const known = this.#writes.get(writeId(change));
      if (
        known !== undefined &&
        known.row.value === change.row.value &&
        known.hlc !== change.hlc &&
        this.#isElsewhere(machine.node, change.origin, change.seq)
      ) {
        this.#unsafe("C2", `${machine.node} has given ${writeId(change)}, which others have, another time`);
      }
    }
  }

  /** A copy of this machine's file is made: what is in it has gone out too. */
  copied({ node }: Machine): void {
    const had = this.#had.get(node) ?? {};
    for (const [id, { change, ends }] of this.#draftsOf(node)) {
      if (seqIn(had, change.origin) < change.seq) continue;
      this.#writes.set(id, change);
      if (ends) this.#endsOf(change.origin).add(change.seq);
    }
  }

  /** What goes out under a number is that number's write for good. */
  sent(from: NodeId, frame: SimulatedFrame, givenUpTo: VersionVector | null): void {
    if (frame.type !== "changes") return;
    for (const { origin, seq } of givenUpTo === null ? [] : frame.changes) {
      const isOwn = nodeOf(origin) === from && this.#draftsOf(from).has(`${origin}#${seq}`);
      if (isOwn && givenUpTo !== null && seq > seqIn(givenUpTo, origin)) {
        this.#unsafe("clock", `${from} sent ${origin}#${seq}, which is to wait until its clock is right`);
      }
    }
    for (const change of frame.changes) {
      const { origin, seq, row } = change;
      const lateMs = this.#clocks.lateness(change);
      if (lateMs !== undefined) this.#unsafe("clock", `${from} sent ${origin}#${seq} under a time ${lateMs} ms after it was written`);
      if (row.table === "private") this.#unsafe("C4", `${from} sent a row of a local table`);
      const draft = this.#draftsOf(from).get(`${origin}#${seq}`);
      if (draft === undefined || nodeOf(origin) !== from || !isSameRow(draft.change.row, row)) continue;
      const before = this.#writes.get(writeId(draft.change));
      if (before !== undefined && !isSameRow(before.row, row) && this.#isElsewhere(from, origin, seq)) {
        this.#unsafe("C2", `${from} used number ${seq} of ${origin} again, which others have`);
      }
      this.#writes.set(writeId(draft.change), draft.change);
      if (draft.ends) this.#endsOf(origin).add(seq);
    }
  }

  /** A fault has taken something from this machine's disk, or all of it: what no file has any more is gone for good. */
  lost(gone: Machine): void {
    this.#alive = {};
    for (const machine of gone.world.machines) this.#note(machine);
    if (!gone.world.machines.includes(gone)) this.#had.delete(gone.node);
  }

  /** Another file stands on this machine. */
  looked(machine: Machine): void {
    this.#note(machine);
  }

  /** A file is given up, and somebody has to come: nothing short of a restored copy may come to that. */
  refused({ node, world }: Machine, reason: string): void {
    if (!world.faults.hasEverRestored) this.#unsafe("C3", `${node} gives up a file that no fault has put back: ${reason}`);
  }

  warned(node: NodeId, message: string): void {
    this.warnings.push(`${node}: ${message}`);
  }

  /** Every replica follows, has all that there is, and has let go of it. */
  isAtRest(machines: readonly Machine[]): boolean {
    if (!this.#rot.isMended(machines)) return false;
    return machines.every(
      ({ agent, file, replica }) =>
        agent !== undefined &&
        agent.refused === undefined &&
        file !== undefined &&
        replica !== undefined &&
        file.size("log") === 0 &&
        covers(replica.vector, this.#alive),
    );
  }

  /** A fault has changed a row beneath capture. */
  rotted(place: string, row: Row | undefined): void {
    this.#rot.add(place, row);
  }

  /** Rows of two replicas were found to have drifted apart: only what a fault has changed may ever be. */
  foundDrift(asker: NodeId, judge: NodeId, place: string): void {
    if (!this.#rot.has(place)) this.#unsafe("C1", `${asker} and ${judge} find a drift at ${place} that there is not`);
  }

  /** A row has been mended: what stood there is in the journal, and was not what the file's own log says that it must be. */
  mended(node: NodeId, place: string, replaced: Row | undefined, file: VirtualFile): void {
    const line = file.get("journal", String(file.size("journal")));
    const isKept = line?.reason === "drift" && `${line.table} ${line.key}` === place && line.row?.value === replaced?.value;
    if (!isKept) this.#unsafe("journal", `${node} has mended ${place} and not journalled what stood there`);
    const writes = [...file.entries("log")].flatMap(([, write]) => (`${write.row.table} ${write.row.key}` === place ? [write] : []));
    const newest = writes.toSorted(compareVersions).at(-1);
    if (newest === undefined || newest.row.table !== "plain" || newest.written !== undefined) return;
    const made = newest.operation === "put" ? newest.row.value : undefined;
    if (made === replaced?.value) this.#unsafe("C2", `${node} has mended ${place}, which was what ${writeId(newest)} had made it`);
  }

  /** Nothing is written, everybody runs and can talk, and has had time: all must be equal, and nothing may be missing. */
  judgeQuiet(machines: readonly Machine[]): void {
    for (const machine of machines) {
      const { file, agent, replica, node } = machine;
      if (file === undefined || replica === undefined || agent === undefined) {
        this.#late("C3", `${node} has no replica that follows`);
        continue;
      }
      if (agent.refused !== undefined) this.#late("C3", `${node} takes no part any more: ${agent.refused}`);
      for (const [origin, seq] of Object.entries(this.#alive) as [OriginId, number][]) {
        const has = seqIn(replica.vector, origin);
        if (has < seq) this.#late("C3", `${node} has ${origin} up to ${has} of ${seq}`);
      }
    }
    if (this.violations.length > 0) return;
    const survived = [...this.#writes.values()].filter(({ origin, seq }) => seq <= seqIn(this.#alive, origin));
    const expected = expectedRows(this.#initial, survived);
    for (const { node, file } of machines) {
      const rows = new Map([...(file?.entries("row") ?? [])].filter(([, { table }]) => table !== "private"));
      for (const at of new Set([...rows.keys(), ...expected.keys()])) {
        const [is, must] = [rows.get(at), expected.get(at)];
        if (isSameRow(is, must)) continue;
        const byColumns = survived.some(({ row, policy }) => `${row.table} ${row.key}` === at && isByColumn(policy));
        if (this.#rot.explains(at, is, byColumns) && this.#rot.isMended(machines)) continue;
        this.#unsafe("C1", `${node} shows ${JSON.stringify(is ?? null)} at ${at}, and the writes come to ${JSON.stringify(must ?? null)}`);
      }
      for (const [, row] of file?.entries("row") ?? []) {
        if (row.table === "private" && !this.#isOwn(node, row)) this.#unsafe("C4", `${node} holds a local row of another node`);
      }
    }
    for (const machine of machines) {
      if (machine.world.faults.hasEverRestored) continue;
      for (const loser of unjournalled(machine, survived))
        this.#unsafe("journal", `${machine.node} has not journalled the loss of ${loser}`);
      // What a fault has changed in a row went aside as it was, when another write took its place.
      const isSound = (place: string): boolean => !this.#rot.has(place);
      for (const what of notInQueue(machine, survived, isSound)) this.#unsafe("journal", `${machine.node} ${what}`);
    }
  }

  /** Private rows carry the number of the node that wrote them in their values (world.ts). */
  readonly #privateOwners = new Map<number, NodeId>();

  wrotePrivately(node: NodeId, value: number): void {
    this.#privateOwners.set(value, node);
  }

  #isOwn(node: NodeId, { value }: Row): boolean {
    return this.#privateOwners.get(value) === node;
  }

  #note({ node, file, replica }: Machine): void {
    const vector = file === undefined || replica === undefined ? {} : replica.vector;
    this.#had.set(node, { ...vector });
    for (const [origin, seq] of Object.entries(vector) as [OriginId, number][]) {
      this.#alive[origin] = Math.max(seqIn(this.#alive, origin), seq);
    }
  }

  #isElsewhere(node: NodeId, origin: OriginId, seq: number): boolean {
    return [...this.#had].some(([other, had]) => other !== node && seqIn(had, origin) >= seq);
  }

  #draftsOf(node: NodeId): Map<string, { readonly change: SimulatedChange; readonly ends: boolean }> {
    const known = this.#drafts.get(node);
    if (known !== undefined) return known;
    const made = new Map<string, { readonly change: SimulatedChange; readonly ends: boolean }>();
    this.#drafts.set(node, made);
    return made;
  }

  #endsOf(origin: OriginId): Set<number> {
    const known = this.#ends.get(origin);
    if (known !== undefined) return known;
    const made = new Set<number>();
    this.#ends.set(origin, made);
    return made;
  }

  #unsafe(rule: Violation["rule"], what: string): void {
    this.violations.push({ verdict: "unsafe", rule, what, atMs: this.#nowMs() });
  }

  #late(rule: Violation["rule"], what: string): void {
    this.violations.push({ verdict: "not converged", rule, what, atMs: this.#nowMs() });
  }
}
