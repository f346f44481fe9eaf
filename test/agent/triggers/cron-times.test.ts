import { assert, constantFrom, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { cronTimes } from "../../../agent/triggers/cron-times.ts";

const dayMs = 86_400_000;
const between = (cron: string, zone: string, from: string, days: number): readonly string[] =>
  cronTimes({ cron, zone })(Date.parse(from), Date.parse(from) + days * dayMs, 1_000).map((ms) =>
    new Date(ms).toISOString().replace(/:00\.000Z$/, "Z"),
  );

describe("a schedule where clocks are changed", () => {
  it("put forward: a time of day that there is not comes right after the gap, and then as ever", () => {
    expect(between("30 2 * * *", "Europe/Berlin", "2026-03-27T12:00:00Z", 3)).toEqual([
      "2026-03-28T01:30Z",
      "2026-03-29T01:00Z",
      "2026-03-30T00:30Z",
    ]);
  });

  it("put back: a time of day that there is twice comes once, the first time", () => {
    expect(between("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2)).toEqual(["2026-10-25T00:30Z", "2026-10-26T01:30Z"]);
  });

  it("what comes every half hour goes on through both", () => {
    expect(between("*/30 * * * *", "Europe/Berlin", "2026-10-24T23:45:00Z", 0.125)).toEqual(
      ["00:00", "00:30", "01:00", "01:30", "02:00", "02:30"].map((time) => `2026-10-25T${time}Z`),
    );
    expect(between("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:15:00Z", 0.0625)).toEqual(
      ["00:30", "01:00", "01:30"].map((time) => `2026-03-29T${time}Z`),
    );
  });

  it.each(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "UTC"])(
    "%s: the times of a span are the same however it is cut, so that two nodes come to the same ones",
    (zone) => {
      const crons = constantFrom("30 2 * * *", "0 * * * *", "*/15 1-3 * * *", "5 0,1,2,3 * * 0", "59 23 L * *");
      const changes = [
        Date.UTC(2026, 2, 8),
        Date.UTC(2026, 2, 29),
        Date.UTC(2026, 3, 5),
        Date.UTC(2026, 9, 4),
        Date.UTC(2026, 9, 25),
        Date.UTC(2026, 10, 1),
      ];
      assert(
        property(
          crons,
          constantFrom(...changes),
          integer({ min: -36, max: 36 }),
          integer({ min: 0, max: 3 * dayMs }),
          (cron, change, hours, cutMs) => {
            const times = cronTimes({ cron, zone });
            const fromMs = change + hours * 3_600_000;
            const upToMs = fromMs + 3 * dayMs;
            const cut = [...times(fromMs, fromMs + cutMs, 1_000), ...times(fromMs + cutMs, upToMs, 1_000)];
            expect(cut).toEqual(times(fromMs, upToMs, 1_000));
            expect(new Set(cut).size).toBe(cut.length);
          },
        ),
        { numRuns: 60 },
      );
    },
  );
});
