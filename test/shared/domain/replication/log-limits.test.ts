import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NodeId, OriginId } from "../../../../shared/domain/ids.ts";
import { beyondLimits, type LogExtent, spareable, useOf } from "../../../../shared/domain/replication/log-limits.ts";
import type { VersionVector } from "../../../../shared/domain/replication/replication-status.ts";
import { covers, joined } from "../../../../shared/domain/replication/version-vector.ts";

const unlimited = Number.MAX_SAFE_INTEGER;

/** A log whose entries 11 to 30 were written at 11,000 to 30,000 ms; every third one has left it. */
const log: LogExtent = {
  first: 11,
  last: 30,
  writtenMsFrom: (n) => {
    const at = n % 3 === 0 ? n + 1 : n;
    return at > 30 ? undefined : at * 1_000;
  },
};

describe("how much of a log's limits is used up", () => {
  it("of its changes or of its days, whichever is more", () => {
    expect(useOf({ changesMax: 25, ageMsMax: 190_000, ageMsMin: 0 }, log, 106_000)).toEqual({ percent: 80, of: "changes" });
    expect(useOf({ changesMax: 200, ageMsMax: 190_000, ageMsMin: 0 }, log, 106_000)).toEqual({ percent: 50, of: "days" });
  });
});

describe("what of a log is beyond its limits", () => {
  it("nothing where there are none", () => {
    expect(beyondLimits({ changesMax: unlimited, ageMsMax: unlimited, ageMsMin: 0 }, log, 1e9)).toBe(0);
  });

  it("all but so many of the newest numbers", () => {
    expect(beyondLimits({ changesMax: 5, ageMsMax: unlimited, ageMsMin: 0 }, log, 100_000)).toBe(25);
    expect(beyondLimits({ changesMax: 20, ageMsMax: unlimited, ageMsMin: 0 }, log, 100_000)).toBe(0);
  });

  it("what was written too long ago", () => {
    expect(beyondLimits({ changesMax: unlimited, ageMsMax: 10_000, ageMsMin: 0 }, log, 30_500)).toBe(20);
    expect(beyondLimits({ changesMax: unlimited, ageMsMax: 10_000, ageMsMin: 0 }, log, 1e9)).toBe(29);
  });

  it("but never what was written just now", () => {
    expect(beyondLimits({ changesMax: 5, ageMsMax: unlimited, ageMsMin: 10_000 }, log, 30_500)).toBe(20);
    expect(beyondLimits({ changesMax: 5, ageMsMax: unlimited, ageMsMin: 60_000 }, log, 30_500)).toBe(0);
  });
});

const [a, b, c] = ["node_a", "node_b", "node_c"] as NodeId[] as [NodeId, NodeId, NodeId];
const [ofA, ofB] = ["node_a:1", "node_b:1"] as OriginId[] as [OriginId, OriginId];

describe("what may go although a member lacks it", () => {
  it("of three what two have, and of two what the first has", () => {
    const has = { [ofA]: 9, [ofB]: 4 };
    expect(spareable({ self: a, order: [a, b, c] }, { has, kept: has }, { [b]: { [ofA]: 7, [ofB]: 4 } })).toEqual({ [ofA]: 7, [ofB]: 4 });
    expect(spareable({ self: a, order: [a, b, c] }, { has, kept: has }, {})).toEqual({});
    expect(spareable({ self: a, order: [a, b] }, { has, kept: has }, {})).toEqual(has);
    expect(spareable({ self: b, order: [a, b] }, { has, kept: has }, {})).toEqual({});
    expect(spareable({ self: b, order: [a, b] }, { has, kept: has }, { [a]: { [ofA]: 9 } })).toEqual({ [ofA]: 9 });
  });

  it("nothing by the word of a node that knew what is not here, and nothing that a loss of power may take back", () => {
    const has = { [ofA]: 9, [ofB]: 4 };
    expect(spareable({ self: a, order: [a, b, c] }, { has, kept: has }, { [b]: { [ofA]: 9, [ofB]: 5 } })).toEqual({});
    expect(spareable({ self: a, order: [a, b, c] }, { has, kept: { [ofA]: 3 } }, { [b]: { [ofA]: 9 } })).toEqual({ [ofA]: 3 });
  });

  it("of two nodes that let go one always has what the other let go", () => {
    const nodes = ["node_0", "node_1", "node_2", "node_3", "node_4"] as NodeId[];
    // Nodes write, hear of each other's writes with all that the other has, and hear what others have, in any order.
    const step = fc.record({ kind: fc.constantFrom("write", "take", "hear", "let go"), at: fc.nat(4), from: fc.nat(4) });
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 5 }), fc.array(step, { maxLength: 60 }), (size, steps) => {
        const order = nodes.slice(0, size);
        const has: VersionVector[] = order.map(() => ({}));
        const gone: VersionVector[] = order.map(() => ({}));
        const known: Record<NodeId, VersionVector>[] = order.map(() => ({}));
        for (const { kind, ...places } of steps) {
          const [at, from] = [places.at % size, places.from % size];
          const [self, peer] = [order[at], order[from]];
          const [own, theirs] = [has[at] ?? {}, has[from] ?? {}];
          if (self === undefined || peer === undefined) continue;
          const origin = `${self}:1` as OriginId;
          if (kind === "write") has[at] = { ...own, [origin]: (own[origin] ?? 0) + 1 };
          // Changes come from a log: what has left it comes from nobody.
          else if (kind === "take" && covers(own, gone[from] ?? {})) has[at] = joined(own, theirs);
          else if (kind === "hear" && at !== from) known[at] = { ...known[at], [peer]: theirs };
          else if (kind === "let go") {
            gone[at] = joined(gone[at] ?? {}, spareable({ self, order }, { has: own, kept: own }, known[at] ?? {}));
          }
        }
        for (const [one, goneHere] of gone.entries()) {
          for (const [other, goneThere] of gone.entries()) {
            expect(covers(has[one] ?? {}, goneThere) || covers(has[other] ?? {}, goneHere)).toBe(true);
          }
        }
      }),
    );
  });
});
