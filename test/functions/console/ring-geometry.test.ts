import { describe, expect, it } from "vitest";
import { arrowBetween, pointOn, ringLayout } from "../../../functions/console/pictures/ring-geometry.ts";

describe("ring geometry", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])("%i nodes: every circle lies inside the picture, and none touches another", (count) => {
    const { width, height, radius, centres } = ringLayout(count);
    expect(centres).toHaveLength(count);
    for (const { x, y } of centres) {
      expect(Math.min(x, width - x)).toBeGreaterThan(radius + 8);
      expect(Math.min(y, height - y)).toBeGreaterThan(radius + 8);
    }
    for (const [index, one] of centres.entries()) {
      for (const other of centres.slice(index + 1)) expect(Math.hypot(one.x - other.x, one.y - other.y)).toBeGreaterThan(2 * radius + 24);
    }
  });

  it.each([2, 3, 5, 8])("%i nodes: an arrow begins and ends outside both circles", (count) => {
    const { radius, centres } = ringLayout(count);
    const [from = { x: 0, y: 0 }, to = { x: 0, y: 0 }] = centres;
    const curve = arrowBetween(from, to, radius, 20);
    for (let step = 0; step <= 20; step += 1) {
      const point = pointOn(curve, step / 20);
      expect(Math.hypot(point.x - from.x, point.y - from.y)).toBeGreaterThan(radius);
      expect(Math.hypot(point.x - to.x, point.y - to.y)).toBeGreaterThan(radius);
    }
  });

  it("there and back: two arrows, one on each side", () => {
    const [left, right] = [
      { x: 100, y: 100 },
      { x: 400, y: 100 },
    ];
    expect(pointOn(arrowBetween(left, right, 50, 30), 0.5).y).toBeLessThan(100);
    expect(pointOn(arrowBetween(right, left, 50, 30), 0.5).y).toBeGreaterThan(100);
  });
});
