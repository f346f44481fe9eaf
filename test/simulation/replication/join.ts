import { exchangeSettings } from "../../../shared/config/replication.ts";
import { isClockKnown } from "../../../shared/domain/replication/clock-state.ts";
import { isAhead, timeReference } from "../../../shared/domain/replication/retiming.ts";
import { successorsOf } from "../../../shared/domain/replication/ring.ts";
import { isClockDoubted } from "../../../shared/domain/replication/withholding.ts";
import type { Machine } from "./machine.ts";
import { VirtualReplica } from "./virtual-replica.ts";
import type { World } from "./world.ts";

const transferMs = 150;

/** A node without data takes a copy of one instant from the first node of the ring that gives one, without what is local there. */
export function joinFromPeers(world: World, machine: Machine): void {
  if (machine.file !== undefined || machine.isJoining || !machine.isOn || !machine.order.includes(machine.node)) return;
  const donors = successorsOf(machine.order, machine.node).flatMap((node) => world.machines.find((one) => one.node === node) ?? []);
  const donor = donors.find(
    (one) => one.agent !== undefined && one.agent.refused === undefined && isTimely(one, machine) && canGive(world, one, machine),
  );
  if (donor?.file === undefined) return;
  const copy = donor.file.copy();
  world.oracle.copied(donor);
  machine.isJoining = true;
  world.after(transferMs, () => {
    machine.isJoining = false;
    if (!machine.isOn || machine.file !== undefined || donor.agent === undefined || !canGive(world, donor, machine)) return;
    copy.begin();
    for (const [place, row] of copy.entries("row")) {
      if (row.table === "private" && world.mutant?.copiesPrivate !== true) copy.set("row", place, undefined);
    }
    for (const row of machine.privateRows) copy.set("row", `${row.table} ${row.key}`, row);
    copy.commit(true);
    new VirtualReplica(copy, null, () => {}).adopt(machine.node, machine.wallMs);
    world.log(machine.node, `joined with a copy from ${donor.node}`);
    machine.use(copy);
    machine.startAgent();
  });
}

/** What a clock in doubt has dated nobody takes a copy of. A donor that knows no clock yet holds its own against the joiner's. */
function isTimely(donor: Machine, joiner: Machine): boolean {
  if (donor.agent === undefined || donor.replica === undefined || isClockDoubted(donor.agent.state)) return false;
  if (isClockKnown(donor.agent.state.clocks)) return donor.replica.times.need === "none";
  const { skewMsMax } = exchangeSettings.clock;
  const { hlc, n, absorbed } = donor.replica.control;
  const isOwnTimely = n <= absorbed || !isAhead(hlc, timeReference(donor.wallMs, donor.wallMs, skewMsMax, false));
  return isOwnTimely && Math.abs(donor.wallMs - joiner.wallMs) < skewMsMax;
}

function canGive(world: World, donor: Machine, joiner: Machine): boolean {
  return world.wire.canTalk(donor.node, joiner.node) && donor.order.includes(joiner.node);
}
