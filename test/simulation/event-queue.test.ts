import { expect, test } from "vitest";
import { SeededRandom } from "../../shared/domain/seeded-random.ts";
import { EventQueue } from "./event-queue.ts";

test("what happens first comes out first, and within one instant what was put in first", () => {
  const random = new SeededRandom(1, "queue");
  const queue = new EventQueue();
  const told: (readonly [number, number])[] = [];
  for (let order = 0; order < 2_000; order += 1) {
    const atUs = random.between(0, 200);
    queue.at(atUs, () => told.push([atUs, order]));
    if (random.chance(0.3)) queue.next()?.run();
  }
  const early = told.length;
  while (queue.nextAtUs !== undefined) queue.next()?.run();
  expect(told).toHaveLength(2_000);
  const late = told.slice(early);
  expect(late).toEqual(late.toSorted(([atUs, order], [otherUs, other]) => atUs - otherUs || order - other));
  expect(queue.next()).toBeUndefined();
});
