import { expect, it } from "vitest";
import type { NodeId } from "../../../../../shared/domain/ids.ts";
import { isFenced, isValid, sealsFor, type TreeTenure } from "../../../../../shared/domain/replication/files/tree-tenure.ts";

const tenure = (epoch: number, seals: Record<string, number>): TreeTenure => ({
  epoch,
  node: "node_00000000000000000001" as NodeId,
  seals,
  isSurveyed: true,
});

it("an earlier writer's entry counts up to what the present one knew when it began", () => {
  const now = tenure(5, { 3: 10, 4: 2 });
  expect(isValid({ epoch: 5, number: 1_000 }, now)).toBe(true);
  expect(isValid({ epoch: 3, number: 10 }, now)).toBe(true);
  expect(isFenced({ epoch: 3, number: 11 }, now)).toBe(true);
  expect(isFenced({ epoch: 2, number: 1 }, now)).toBe(true);
});

it("an entry of a later writer is neither: its beginning has still to come", () => {
  const now = tenure(5, {});
  expect([isValid({ epoch: 6, number: 1 }, now), isFenced({ epoch: 6, number: 1 }, now)]).toEqual([false, false]);
});

it("a writer between, of whom the next one never heard, seals nothing", () => {
  const first = tenure(1, {});
  const third = tenure(3, sealsFor(first, { 1: 7 }));
  expect(third.seals).toEqual({ 1: 7 });
  expect(isFenced({ epoch: 2, number: 1 }, third)).toBe(true);
  expect(isValid({ epoch: 1, number: 7 }, third)).toBe(true);
});

it("what was fenced once stays so, however much of it is there by then", () => {
  const second = tenure(2, { 1: 5 });
  expect(sealsFor(second, { 1: 9, 2: 4 })).toEqual({ 1: 5, 2: 4 });
  expect(sealsFor(undefined, {})).toEqual({});
});
