import { type Admission, Progress } from "../../../shared/domain/replication/admission.ts";
import { settleDisplaced } from "../../../shared/domain/replication/displacement.ts";
import { ownSlice } from "../../../shared/domain/replication/own-slice.ts";
import { mergeWrite, noteNewest } from "../../../shared/domain/replication/row-merge.ts";
import type { Mutant } from "./mutant.ts";
import { replicatedTables, type SimulatedChange, type TableName } from "./records.ts";
import { noteCommitPoint } from "./virtual-commit-points.ts";
import type { VirtualReplica } from "./virtual-replica.ts";
import type { VirtualTable } from "./virtual-table.ts";

/** A number of the origin is missing between what the file has and what came. */
export class Missing extends Error {}
/** The change contradicts itself. */
export class Broken extends Error {}
/** Own writes are still to be taken in before anything of others. */
export class OwnOwed extends Error {}

export interface AppliedUnit {
  readonly changes: readonly SimulatedChange[];
  /** Own writes that have other times now. */
  readonly retimed: readonly SimulatedChange[];
  /** Own writes that are still to be taken in; nothing of `changes` was applied where there are any. */
  readonly owed: number;
}

/** What SQLite's replica does inside a transaction (agent/replication/sqlite-apply.ts), done to the maps of a virtual file. */
export function applyOpen(replica: VirtualReplica, changes: Iterable<SimulatedChange>, mutant: Mutant | null): AppliedUnit {
  const { file } = replica;
  const tables = new Map(replicatedTables.map((name) => [name, replica.table(name)]));
  const tableOf = (name: TableName): VirtualTable => tables.get(name) ?? replica.table(name);
  const retimed = replica.times.dateOwn();
  const before = replica.control;
  const progress = new Progress(replica.vector, before.hlc, before.origin);
  noteCommitPoint(file, before.n, replica.unitEntriesMax);
  const { upTo, owed } = ownSlice(before, replica.ownEntriesMax);
  let { absorbedTime, sealed } = before;
  for (let at = before.absorbed + 1; at <= upTo; at += 1) {
    const change = file.get("log", String(at));
    if (change?.origin !== before.origin) continue;
    noteNewest(tableOf(change.row.table), change.row.key, change, change.operation === "put");
    absorbedTime = Math.max(absorbedTime, change.hlc);
    sealed = Math.max(sealed, change.seq);
  }
  if (owed > 0 && mutant?.mergesBeforeOwn !== true) {
    // A seal divides numbers, and this may be the middle of a transaction.
    if (mutant?.sealsSlices !== true) sealed = before.sealed;
    file.set("control", "", { ...before, absorbed: upTo, absorbedTime, sealed });
    return { changes: [], retimed, owed };
  }
  let { n } = before;
  const applied: SimulatedChange[] = [];
  for (const change of changes) {
    if (change.row.key === "" && mutant?.believes !== true) throw new Broken(`change ${change.seq} has no key`);
    const asAdmitted = mutant?.admitsEarly === true ? { ...change, context: {} } : change;
    const admission: Admission = mutant?.admits?.(change, progress.vector) ?? progress.admit(asAdmitted);
    if (admission.kind === "known") continue;
    if (admission.kind === "missing") throw new Missing();
    n += 1;
    file.set("log", String(n), change);
    if (mutant?.skipsRow?.(change) !== true) mergeWrite(tableOf(change.row.table), mutant?.merges?.(change) ?? change);
    file.set("origin", change.origin, change.seq);
    applied.push(change);
  }
  noteCommitPoint(file, n, replica.unitEntriesMax);
  for (const table of tables.values()) {
    settleDisplaced(table);
    replica.conflicts += table.conflicts;
  }
  const hlc = mutant?.forgetsTime === true ? before.hlc : progress.hlc;
  const control = { ...before, n, hlc, absorbed: n, absorbedTime: hlc, sealed: before.seq };
  file.set("control", "", control);
  if (applied.length > 0) file.set("control", "", { ...control, context: replica.vector });
  return { changes: applied, retimed, owed: 0 };
}
