import { expect, test } from "vitest";
import { ArrivalPace } from "../../../agent/files/arrival-pace.ts";

test("small files go by their number, large ones by their bytes; nothing is said before a second, or of what does not come", () => {
  const pace = new ArrivalPace();
  pace.restart(0);
  pace.arrived(500, { files: 1_000, bytes: 1_000_000 });
  expect(pace.secondsFor(500, { files: 10_000, bytes: 0 })).toBeNull();
  expect(pace.secondsFor(1_000, { files: 10_000, bytes: 10_000_000 })).toBe(10);
  expect(pace.secondsFor(1_000, { files: 1, bytes: 100_000_000 })).toBe(100);
  pace.restart(2_000);
  expect(pace.secondsFor(10_000, { files: 5, bytes: 5 })).toBeNull();
});

test("the pace of long ago is forgotten", () => {
  const pace = new ArrivalPace();
  pace.restart(0);
  for (let atMs = 1_000; atMs <= 10_000; atMs += 1_000) pace.arrived(atMs, { files: 1_000, bytes: 0 });
  for (let atMs = 11_000; atMs <= 60_000; atMs += 1_000) pace.arrived(atMs, { files: 10, bytes: 0 });
  expect(pace.secondsFor(60_000, { files: 100, bytes: 0 })).toBe(10);
});
