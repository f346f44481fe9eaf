import { describe, expect, it } from "vitest";
import { begunTerms, standingOf, termsInForce } from "../../../../shared/domain/licensing/licence-term.ts";
import { day, sampleTerm } from "./sample-term.ts";

describe("licences: what a licence counts for", () => {
  it.each([
    [10 * day - 1, "not-yet-valid"],
    [10 * day, "valid"],
    [20 * day, "valid"],
    [20 * day + 1, "grace"],
    [25 * day, "grace"],
    [25 * day + 1, "lapsed"],
  ] as const)("at %d ms it is %s", (nowMs, standing) => {
    expect(standingOf(sampleTerm(), nowMs)).toBe(standing);
  });

  it("in its grace it is in force, and lapsed no more", () => {
    expect(termsInForce([sampleTerm()], 25 * day)).toHaveLength(1);
    expect(termsInForce([sampleTerm()], 25 * day + 1)).toEqual([]);
  });

  it("a trial counts until a licence proper begins, and never again, even when that one has lapsed", () => {
    const trial = sampleTerm({ isTrial: true, validFromMs: 0, validUntilMs: 90 * day });
    const proper = sampleTerm();
    expect(begunTerms([trial, proper], 10 * day - 1)).toEqual([trial]);
    expect(begunTerms([trial, proper], 10 * day)).toEqual([proper]);
    expect(termsInForce([trial, proper], 26 * day)).toEqual([]);
  });
});
