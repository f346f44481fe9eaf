import { expect, it } from "vitest";
import { votersSinceOf, votersSinceSeen } from "../../../../shared/domain/membership/voters-since.ts";
import { a, b, c, documentOf } from "../failover/test-node.ts";

const three = [a, b, c];
const seen = (...documents: readonly (readonly [number, typeof three])[]) =>
  documents.map(([version, members]) => documentOf(members, version)).reduce(votersSinceSeen, votersSinceSeen(null, documentOf(three, 4)));

it.each([
  ["one after the other with the same voters", seen([5, three], [6, [c, a, b]]), 4],
  ["a version was skipped", seen([6, three]), 6],
  ["others voted in between", seen([5, [a, b]], [6, three]), 6],
  ["seen again, and an older one", seen([5, three], [6, three], [6, [a]], [5, [a]]), 4],
])("from which version on the voters of version 6 have been so: %s", (_what, known, since) => {
  expect(votersSinceOf(known, { version: 6 })).toBe(since);
});

it("one that is taken while a newer one waits: as far back as both are known; one from before a change of voters, or newer than what was seen, for itself alone", () => {
  const known = seen([5, [a, b]], [6, [a, b]], [7, [a, b]]);
  expect([4, 5, 6, 7, 8].map((version) => votersSinceOf(known, { version }))).toEqual([4, 5, 5, 5, 8]);
});
