import { describe, expect, it } from "vitest";
import { arrivalsMs, type CableFault } from "./cable-fault.ts";

const chances = (...list: readonly number[]): (() => number) => {
  const left = [...list];
  return () => left.shift() ?? 0;
};
const fault: CableFault = { delayMs: 100, jitterMs: 50, repeatedPercent: 20 };

describe("a bad cable's frames", () => {
  it("arrive later, by the delay less or more the jitter", () => {
    expect([0, 0.5, 1].map((chance) => arrivalsMs(fault, chances(0.5, chance)))).toEqual([[50], [100], [150]]);
  });

  it("arrive twice as often as told, each copy in its own time", () => {
    expect(arrivalsMs(fault, chances(0.19, 0, 1))).toEqual([50, 150]);
    expect(arrivalsMs(fault, chances(0.2, 0, 1))).toEqual([50]);
  });
});
