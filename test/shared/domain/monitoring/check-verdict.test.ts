import { describe, expect, it } from "vitest";
import { detectionMsMax, firstVerdict, forgotten, judged } from "../../../../shared/domain/monitoring/check-verdict.ts";

/** One letter a look, one second apart: `+` well, `-` ill, `f` forget everything seen so far. Each gives its state, and what is told. */
function trace(looks: string, rise: number, fall: number): string {
  let verdict = firstVerdict(0);
  return Array.from(looks)
    .map((look, index) => {
      const atMs = 1_000 * index;
      if (look === "f") {
        verdict = forgotten(verdict, atMs);
        return verdict.state;
      }
      const result = judged(verdict, { atMs, problem: look === "+" ? null : `bad ${index}` }, { rise, fall });
      verdict = result.verdict;
      if (result.edge === null) return verdict.state;
      return result.edge.kind === "failed" ? `FAILED(${result.edge.reason})` : `RECOVERED(${result.edge.failedMs})`;
    })
    .join(" ");
}

describe("the verdict of a check, look by look", () => {
  it.each([
    { what: "all is well", looks: "+++", rise: 2, fall: 3, told: "ok ok ok" },
    {
      what: "fewer bad looks than it takes: nothing is told",
      looks: "+--+--+",
      rise: 2,
      fall: 3,
      told: "ok degraded degraded ok degraded degraded ok",
    },
    {
      what: "so many bad looks in a row: failed, told once",
      looks: "+-----",
      rise: 2,
      fall: 3,
      told: "ok degraded degraded FAILED(bad 3) failed failed",
    },
    { what: "bad from the first look on", looks: "---", rise: 2, fall: 3, told: "degraded degraded FAILED(bad 2)" },
    { what: "fall 1: the first bad look", looks: "+-", rise: 1, fall: 1, told: "ok FAILED(bad 1)" },
    {
      what: "well again after so many good looks in a row, counted from the first bad one",
      looks: "+---++",
      rise: 2,
      fall: 3,
      told: "ok degraded degraded FAILED(bad 3) failed RECOVERED(4000)",
    },
    {
      what: "a bad look among the good ones: they count anew",
      looks: "--+-++",
      rise: 2,
      fall: 2,
      told: "degraded FAILED(bad 1) failed failed failed RECOVERED(5000)",
    },
    { what: "rise 1: the first good look", looks: "-+", rise: 1, fall: 1, told: "FAILED(bad 0) RECOVERED(1000)" },
    {
      what: "after the recovery everything begins anew",
      looks: "-+-+",
      rise: 1,
      fall: 1,
      told: "FAILED(bad 0) RECOVERED(1000) FAILED(bad 2) RECOVERED(1000)",
    },
    {
      what: "forgotten while degraded: the looks of before count no more",
      looks: "--f--",
      rise: 2,
      fall: 3,
      told: "degraded degraded unknown degraded degraded",
    },
    {
      what: "forgotten while failed: its end is told with the first good look, from its own beginning",
      looks: "--f++",
      rise: 2,
      fall: 2,
      told: "degraded FAILED(bad 1) unknown RECOVERED(3000) ok",
    },
    {
      what: "forgotten while failed, and it fails again: told again, and its end once",
      looks: "--f--++",
      rise: 2,
      fall: 2,
      told: "degraded FAILED(bad 1) unknown degraded FAILED(bad 4) failed RECOVERED(6000)",
    },
  ])("$what", ({ looks, rise, fall, told }) => {
    expect(trace(looks, rise, fall)).toBe(told);
  });

  it("says since when it is as it is, and keeps the words of the last bad look", () => {
    let verdict = firstVerdict(500);
    for (const [atMs, problem] of [
      [1_000, null],
      [2_000, "slow"],
      [3_000, null],
      [4_000, null],
    ] as const) {
      verdict = judged(verdict, { atMs, problem }, { rise: 1, fall: 2 }).verdict;
    }
    expect(verdict).toMatchObject({ state: "ok", sinceMs: 3_000, lastProblem: "slow", illSinceMs: null });
  });
});

describe("how long a fault can go unnoticed", () => {
  it.each([
    { pace: { intervalMs: 2_000, retryIntervalMs: 1_000, timeoutMs: 2_000, rise: 2, fall: 3 }, boundMs: 10_400 },
    { pace: { intervalMs: 500, retryIntervalMs: 200, timeoutMs: 100, rise: 1, fall: 1 }, boundMs: 650 },
  ])("$pace", ({ pace, boundMs }) => {
    expect(detectionMsMax(pace)).toBe(boundMs);
  });
});
