import { describe, expect, it } from "vitest";
import { defaultRetry, retryDelayMs } from "../../../../functions/embedded/sns/retry-schedule.ts";

describe("retry schedule", () => {
  it("each failure doubles the wait up to the longest; the last attempt has none after it", () => {
    const settings = { attemptsMax: 6, firstDelayMs: 100, delayMsMax: 700 };
    expect([1, 2, 3, 4, 5, 6].map((failures) => retryDelayMs(settings, failures, 0.999_999))).toEqual([100, 200, 400, 700, 700, null]);
  });

  it("chance spreads the wait over its upper half", () => {
    const settings = { attemptsMax: 2, firstDelayMs: 100, delayMsMax: 100 };
    expect([0, 0.5, 0.999_999].map((chance) => retryDelayMs(settings, 1, chance))).toEqual([50, 75, 100]);
  });

  it("the default: a subscriber away for ten minutes gets its messages, one away for a month does not keep them waiting", () => {
    let waitedMs = 0;
    let failures = 0;
    for (let delayMs: number | null = 0; delayMs !== null; delayMs = retryDelayMs(defaultRetry, failures, 0)) {
      waitedMs += delayMs;
      failures += 1;
    }
    expect(waitedMs).toBeGreaterThan(60 * 60_000);
    expect(waitedMs).toBeLessThan(24 * 60 * 60_000);
    expect(failures).toBe(defaultRetry.attemptsMax);
  });
});
