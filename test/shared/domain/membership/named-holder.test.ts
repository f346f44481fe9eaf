import { describe, expect, it } from "vitest";
import type { NodeId } from "../../../../shared/domain/ids.ts";
import { named } from "../../../../shared/domain/membership/named-holder.ts";

const [a, b] = ["a", "b"] as NodeId[] as [NodeId, NodeId];

describe("whom a group's names point at", () => {
  it.each<[string, NodeId | null, { holder: NodeId | null; hearsMajority: boolean }, NodeId | null, NodeId | null]>([
    ["the holder, once it is heard", null, { holder: a, hearsMajority: true }, a, a],
    ["the next one, as soon as that holds the group", a, { holder: b, hearsMajority: true }, b, b],
    ["between two holders the last one: a name is never empty", a, { holder: null, hearsMajority: true }, a, a],
    [
      "cut off from the majority and from the holder: nobody, but the last one is remembered",
      a,
      { holder: null, hearsMajority: false },
      a,
      null,
    ],
    ["cut off from the majority, with the holder: the holder", a, { holder: b, hearsMajority: false }, b, b],
    ["nobody was ever heard: nobody", null, { holder: null, hearsMajority: true }, null, null],
  ])("%s", (_, before, seen, remembered, answered) => {
    expect(named(before, seen)).toEqual({ remembered, answered });
  });
});
