import { describe, expect, it } from "vitest";
import { benchCells, benchHeading, benchRow } from "./bench-row.ts";
import type { Sample } from "./contender.ts";

const about = { scenario: "host-dies", profile: "default", peer: "keepalived 1 s" } as const;
const silences = (...list: readonly number[]): Sample[] =>
  list.map((silenceMs) => ({ silenceMs, bothAnswerMs: silenceMs / 10, silenceAfterHealMs: 0, falseTakeovers: null }));

describe("a row of the failover bench", () => {
  it("medians, the largest of few samples as p99, the ratio of the medians, the longest time in which both answered", () => {
    expect(benchRow(about, silences(300, 100, 200, 400), silences(1_000, 3_000, 2_000))).toMatchObject({
      oursMs: { p50: 200, p99: 400, n: 4 },
      peerMs: { p50: 2_000, p99: 3_000, n: 3 },
      ratio: 0.1,
      oursBothAnswerMs: 40,
      peerBothAnswerMs: 300,
    });
  });

  it("p99 of many samples leaves the worst hundredth out", () => {
    const many = silences(...Array.from({ length: 200 }, (_, index) => index + 1));
    expect(benchRow(about, many, null).oursMs).toEqual({ p50: 100, p99: 198, n: 200 });
  });

  it("a peer that was not measured: said so in the table, null in the row, and never a number", () => {
    const row = benchRow(about, silences(100), null);
    expect(row).toMatchObject({ peerMs: null, ratio: null, peerBothAnswerMs: null });
    expect(benchCells(row)).toContain("not measured");
    expect(benchCells(row)).toHaveLength(benchHeading.length);
  });

  it("false takeovers are added up, and told only where nothing asked for one", () => {
    const busy = [2, 0, 3].map((falseTakeovers) => ({ silenceMs: 0, bothAnswerMs: 0, silenceAfterHealMs: 0, falseTakeovers }));
    expect(benchRow(about, busy.slice(1, 2), busy)).toMatchObject({ oursFalseTakeovers: 0, peerFalseTakeovers: 5 });
    expect(benchRow(about, silences(100), null)).toMatchObject({ oursFalseTakeovers: null, peerFalseTakeovers: null });
  });

  it("a peer whose client noticed nothing: no ratio", () => {
    expect(benchRow(about, silences(100), silences(0, 0)).ratio).toBeNull();
  });
});
