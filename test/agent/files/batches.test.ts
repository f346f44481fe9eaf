import { expect, it } from "vitest";
import { Batches, settledAtOnce } from "../../../agent/files/batches.ts";

it("what was left undone comes first, then what is read; all that was given out counts as undone until somebody says otherwise", () => {
  const left = Array.from({ length: settledAtOnce + 1 }, (_, index) => `left ${index}`);
  const undone = new Map(left.map((path) => [path, "the disk was full"]));
  const read = [["new 1", "new 2"], []];
  const batches = new Batches(undone, () => read.shift());
  expect(batches.next()).toEqual(left.slice(0, settledAtOnce));
  expect(batches.next()).toEqual(left.slice(settledAtOnce));
  undone.clear();
  expect([batches.next(), batches.next(), batches.next()]).toEqual([["new 1", "new 2"], [], undefined]);
  expect([...undone.keys()]).toEqual(["new 1", "new 2"]);
});

it("a path that is in two batches stays undone when the first of them is done", () => {
  const undone = new Map<string, string>();
  const read = [["twice"], ["twice", "once"]];
  const batches = new Batches(undone, () => read.shift());
  const [first, second] = [batches.next(), batches.next()];
  for (const path of first ?? []) undone.delete(path);
  batches.stillToDo(second);
  expect([...undone.keys()].toSorted()).toEqual(["once", "twice"]);
});
