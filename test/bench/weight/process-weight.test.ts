import { expect, test } from "vitest";
import { processorTicks, proportionalKiB, weightOf } from "./process-weight.ts";

test("a process's time is read behind its name, whatever the name holds", () => {
  const stat = "4711 (a ) b (c) S 1 4711 4711 0 -1 4194560 5 6 7 8 120 30 4 2 20 0 11 0 99";
  expect(processorTicks(stat)).toBe(156);
});

test("memory is each page's part, not what is merely mapped", () => {
  expect(proportionalKiB("00400000-7ffe [rollup]\nRss:              90000 kB\nPss:              61440 kB\nPss_Dirty:  5 kB\n")).toBe(
    61_440,
  );
  expect(() => proportionalKiB("Rss: 1 kB\n")).toThrow("smaps_rollup");
});

test("this process itself weighs something, and one that is gone nothing", () => {
  const { processorMs, memoryMiB, processes } = weightOf([process.pid]);
  expect(processorMs).toBeGreaterThan(0);
  expect(memoryMiB).toBeGreaterThan(10);
  expect(processes).toBeGreaterThanOrEqual(1);
  expect(weightOf([2 ** 22])).toEqual({ processorMs: 0, memoryMiB: 0, processes: 0 });
});
