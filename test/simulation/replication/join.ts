import { successorsOf } from "../../../shared/domain/replication/ring.ts";
import { settleCopy, transferMs } from "./fresh-copy.ts";
import type { Machine } from "./machine.ts";
import { isTimely } from "./timely.ts";
import type { World } from "./world.ts";

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
    settleCopy(machine, copy, machine.privateRows);
    world.log(machine.node, `joined with a copy from ${donor.node}`);
    machine.use(copy);
    machine.startAgent();
  });
}

function canGive(world: World, donor: Machine, joiner: Machine): boolean {
  return world.wire.canTalk(donor.node, joiner.node) && donor.order.includes(joiner.node);
}
