import { describe, expect, it } from "vitest";
import { Machine } from "./machine.ts";
import { pass } from "./run-seed.ts";
import { swarmOptions } from "./swarm.ts";
import { VirtualClock } from "./virtual-clock.ts";
import { World } from "./world.ts";

/** A machine of a world in which nothing else happens, and what has happened on it, by true time. */
function machine(): { readonly world: World; readonly machine: Machine; readonly seen: number[]; readonly see: () => void } {
  const world = new World(swarmOptions(1, 3), null, null);
  const seen: number[] = [];
  return { world, machine: new Machine(world), seen, see: () => seen.push(world.nowUs) };
}

describe("a machine that stands still", () => {
  it("does nothing meanwhile, and everything that much later: what fell due, and what was yet to come", () => {
    const { world, machine: made, seen, see } = machine();
    made.at(1_000, see);
    made.at(2_000, see);
    made.at(9_000, see);
    pass(world, 1_500);
    made.standStill();
    pass(world, 4_500);
    made.goOn();
    pass(world, 20_000);
    expect(seen).toEqual([1_000, 5_000, 12_000]);
  });

  it("twice: both pauses count", () => {
    const { world, machine: made, seen, see } = machine();
    made.at(3_000, see);
    for (const untilUs of [1_000, 3_000, 3_500, 8_000]) {
      pass(world, untilUs);
      if (made.isStill) made.goOn();
      else made.standStill();
    }
    pass(world, 20_000);
    expect(seen).toEqual([9_500]);
  });

  it("reads the same on its clock before and after, and finds no instant of its clock later than it is", () => {
    const { world, machine: made, seen, see } = machine();
    pass(world, 1_000);
    const beforeUs = made.localUs;
    made.standStill();
    pass(world, 6_000);
    expect(made.localUs).toBe(beforeUs);
    made.goOn();
    expect(made.localUs).toBe(beforeUs);
    made.atLocal(beforeUs + 500, see);
    pass(world, 20_000);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toBeGreaterThanOrEqual(6_490);
    expect(seen[0]).toBeLessThanOrEqual(6_510);
  });

  it("goes on with another clock once its power was lost", () => {
    const { world, machine: made, seen, see } = machine();
    made.at(2_000, see);
    made.standStill();
    pass(world, 5_000);
    made.losePower(new VirtualClock(5_000, 7, 0));
    expect([made.isStill, made.localUs]).toEqual([false, 7]);
    pass(world, 20_000);
    expect(seen).toEqual([7_000]);
  });
});
