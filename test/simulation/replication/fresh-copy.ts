import type { NodeId } from "../../../shared/domain/ids.ts";
import { covers, seqIn } from "../../../shared/domain/replication/version-vector.ts";
import type { Machine } from "./machine.ts";
import type { Row } from "./records.ts";
import { isTimely } from "./timely.ts";
import type { VirtualFile } from "./virtual-file.ts";
import { VirtualReplica } from "./virtual-replica.ts";

/** How long a copy is under way. */
export const transferMs = 150;

/** What is local at the donor stays there, and what is local here stays here; written on in this node's own name. */
export function settleCopy(machine: Machine, copy: VirtualFile, privateRows: readonly Row[]): void {
  copy.begin();
  for (const [place, row] of copy.entries("row")) {
    if (row.table === "private" && machine.world.mutant?.copiesPrivate !== true) copy.set("row", place, undefined);
  }
  for (const row of privateRows) copy.set("row", `${row.table} ${row.key}`, row);
  copy.commit(true);
  new VirtualReplica(copy, null, () => {}).adopt(machine.node, machine.wallMs);
}

/**
 * A node that lacks what the others have let go takes a copy of one of these donors, as `SnapshotDesk.resync` (agent/replication) does it: its own file is written on until the copy is
 * here; then one transaction has the copy's rows, and all that the old file has in its log and the copy lacks. `done` in any case, with whether it came about.
 */
export function takeFreshCopy(machine: Machine, donors: readonly NodeId[], done: (isHere: boolean) => void): void {
  const { world } = machine;
  const donor = world.machines.find(
    (one) => donors.includes(one.node) && one.agent !== undefined && one.agent.refused === undefined && isTimely(one, machine),
  );
  const copy = donor?.file?.copy();
  if (donor === undefined || copy === undefined || !isTimely(machine, machine) || !world.wire.canTalk(donor.node, machine.node))
    return world.after(transferMs, () => done(false));
  world.oracle.copied(donor);
  world.after(transferMs, () => {
    const { file, replica } = machine;
    const isPossible =
      isTimely(machine, machine) && file !== undefined && replica !== undefined && !machine.isLocked && !machine.isDiskFull;
    if (!isPossible || donor.agent === undefined || !world.wire.canTalk(donor.node, machine.node)) return done(false);
    machine.guard(() => {
      settleCopy(machine, copy, machine.privateRowsIn(file));
      const next = new VirtualReplica(copy, world.mutant, () => {});
      const has = next.vector;
      const isLosing = !covers(has, replica.control.pruned);
      if (isLosing && world.mutant?.copiesAnybody !== true) return done(false);
      const old = [...file.entries("log")].toSorted(([one], [other]) => Number(one) - Number(other)).map(([, change]) => change);
      if (world.mutant?.carriesNothing !== true) next.apply(old.filter(({ origin, seq }) => seq > seqIn(has, origin)));
      copy.sync();
      machine.at("swapping");
      world.log(machine.node, `has a fresh copy from ${donor.node}`);
      machine.use(copy);
      machine.at("swapped");
      done(true);
    });
  });
}
