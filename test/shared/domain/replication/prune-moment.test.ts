import { describe, expect, it } from "vitest";
import type { OriginId } from "../../../../shared/domain/ids.ts";
import { PruneMoment } from "../../../../shared/domain/replication/prune-moment.ts";
import type { VersionVector } from "../../../../shared/domain/replication/replication-status.ts";

const upTo = (seq: number): VersionVector => ({ ["node_00000000000000000001:1" as OriginId]: seq });
const hourMs = 3_600_000;

/** For a file that was opened at time 0 with change 5,000, and so many of them still in its log. */
function opened(entries = 0): PruneMoment {
  const moment = new PruneMoment();
  moment.opened(upTo(5_000), entries, 0);
  return moment;
}

/** What is said at the second of two looks between which nothing was written. */
function atRest(moment: PruneMoment, seq: number, nowMs: number): boolean {
  moment.isNow(upTo(seq), seq, nowMs);
  return moment.isNow(upTo(seq), seq, nowMs);
}

describe("when to let log entries go", () => {
  it("a few changes: the application's lock is not taken for them", () => {
    const moment = opened();
    expect([1_000, 60_000, hourMs - 1].map((ms) => atRest(moment, 5_999, ms))).toEqual([false, false, false]);
  });

  it("a thousand: as soon as nothing was written since the last look, and then not again for the same", () => {
    const moment = opened();
    expect([6_000, 6_001, 6_002, 6_002].map((seq) => moment.isNow(upTo(seq), seq, 10_000))).toEqual([false, false, false, true]);
    moment.pruned(upTo(6_002), 10_000);
    expect([6_002, 7_001, 7_002].map((seq) => atRest(moment, seq, 20_000))).toEqual([false, false, true]);
  });

  it("an application that never rests: ten thousand go while it writes", () => {
    const moment = opened();
    expect([14_998, 14_999, 15_000].map((seq) => moment.isNow(upTo(seq), seq, 10_000))).toEqual([false, false, true]);
  });

  it("what little is left goes within the hour", () => {
    const moment = opened();
    expect(atRest(moment, 5_001, hourMs - 1)).toBe(false);
    expect(atRest(moment, 5_001, hourMs)).toBe(true);
    moment.pruned(upTo(5_001), hourMs);
    expect(atRest(moment, 5_001, 3 * hourMs)).toBe(false);
  });

  it("entries that an earlier run has left count, too", () => {
    expect(atRest(opened(999), 5_000, 1_000)).toBe(false);
    expect(atRest(opened(999), 5_001, 1_000)).toBe(true);
  });

  it("a member that has not been heard has nothing: nothing may go", () => {
    for (const stable of [{}, upTo(0)]) expect(opened(10_000).isNow(stable, 5_000, 1_000)).toBe(false);
  });
});
