import { describe, expect, it } from "vitest";
import { RateLimit } from "../../../functions/use-cases/rate-limit.ts";

describe("how often a caller may ask", () => {
  it("a burst, then as many a second as the rate says, each caller for itself", () => {
    let nowMs = 0;
    const limit = new RateLimit({ perSecond: 2, burst: 5 }, () => nowMs);
    for (let count = 0; count < 5; count += 1) limit.take("one");
    expect(() => limit.take("one")).toThrow("more requests than 2 a second, after a first 5");
    limit.take("other");
    nowMs += 499;
    expect(() => limit.take("one")).toThrow(expect.objectContaining({ code: "too-many-requests", retryAfterSeconds: 1 }));
    nowMs += 1;
    limit.take("one");
    expect(() => limit.take("one")).toThrow();
  });

  it("a refusal costs nothing, and a clock that is set back gives nothing", () => {
    let nowMs = 10_000;
    const limit = new RateLimit({ perSecond: 1, burst: 1 }, () => nowMs);
    limit.take("one");
    for (let count = 0; count < 10; count += 1) expect(() => limit.take("one")).toThrow();
    nowMs = 0;
    expect(() => limit.take("one")).toThrow();
    nowMs = 11_000;
    limit.take("one");
  });
});
