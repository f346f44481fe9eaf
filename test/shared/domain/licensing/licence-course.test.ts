import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { licenceCourse, licenceStateAt } from "../../../../shared/domain/licensing/licence-course.ts";
import { graceEndMs } from "../../../../shared/domain/licensing/licence-term.ts";
import { day, sampleTerm } from "./sample-term.ts";

const used = { nodes: 2, users: 10 };
const ended = 20 * day + 1;
const lapsed = 25 * day + 1;

describe("licences: how a cluster stands", () => {
  it("from none over valid and grace to lapsed, each with its beginning and its end", () => {
    expect(licenceCourse([sampleTerm()], used, 0)).toEqual({
      state: "none",
      sinceMs: null,
      next: { state: "valid", atMs: 10 * day },
      isTrial: false,
    });
    expect(licenceCourse([sampleTerm()], used, 12 * day)).toEqual({
      state: "valid",
      sinceMs: 10 * day,
      next: { state: "grace", atMs: ended },
      isTrial: false,
    });
    expect(licenceCourse([sampleTerm()], used, ended)).toEqual({
      state: "grace",
      sinceMs: ended,
      next: { state: "lapsed", atMs: lapsed },
      isTrial: false,
    });
    expect(licenceCourse([sampleTerm()], used, 99 * day)).toEqual({ state: "lapsed", sinceMs: lapsed, next: null, isTrial: false });
  });

  it("a licence that has been followed by another one ends without a word", () => {
    const renewal = sampleTerm({ validFromMs: 19 * day, validUntilMs: 40 * day });
    expect(licenceCourse([sampleTerm(), renewal], used, 18 * day)).toMatchObject({ state: "valid", next: { atMs: 40 * day + 1 } });
  });

  it("one that is not needed ends without a word, one that is needed does not", () => {
    const extra = sampleTerm({ nodes: 1, users: 0, validUntilMs: 15 * day });
    const end = (nodes: number) => licenceCourse([sampleTerm(), extra], { nodes, users: 10 }, 12 * day).next;
    expect(end(2)).toEqual({ state: "grace", atMs: ended });
    expect(end(3)).toEqual({ state: "grace", atMs: 15 * day + 1 });
  });

  it("a need that no licence ever covered is no matter of time", () => {
    expect(licenceStateAt([sampleTerm()], { nodes: 5, users: 999 }, 12 * day)).toBe("valid");
    expect(licenceStateAt([sampleTerm()], { nodes: 5, users: 999 }, ended)).toBe("grace");
  });

  it("an entitlement that only the one in its grace grants keeps the cluster in grace", () => {
    const bare = sampleTerm({ validUntilMs: 40 * day, entitlements: [] });
    expect(licenceStateAt([sampleTerm(), bare], used, ended)).toBe("grace");
    expect(licenceStateAt([sampleTerm(), bare], used, lapsed)).toBe("valid");
  });

  it("a trial that a licence proper follows becomes one in place", () => {
    const trial = sampleTerm({ isTrial: true, nodes: 8, users: 100_000 });
    expect(licenceCourse([trial], used, 12 * day).isTrial).toBe(true);
    const both = licenceCourse([trial, sampleTerm({ validFromMs: 15 * day, validUntilMs: 40 * day })], used, 16 * day);
    expect(both).toMatchObject({ state: "valid", isTrial: false, next: { atMs: 40 * day + 1 } });
  });

  it("is what it says for every set of licences: constant from its beginning to its end, and other on both sides", () => {
    const term = fc
      .record({
        from: fc.nat(60),
        length: fc.integer({ min: 1, max: 40 }),
        graceDays: fc.nat(9),
        nodes: fc.integer({ min: 1, max: 3 }),
        isTrial: fc.boolean(),
      })
      .map(({ from, length, ...more }) => sampleTerm({ ...more, validFromMs: from * day, validUntilMs: (from + length) * day }));
    fc.assert(
      fc.property(fc.array(term, { maxLength: 4 }), fc.integer({ min: 1, max: 4 }), fc.nat(120), (terms, nodes, at) => {
        const need = { nodes, users: 10 };
        const course = licenceCourse(terms, need, at * day);
        const stateAt = (ms: number) => licenceStateAt(terms, need, ms);
        const from = course.sinceMs ?? 0;
        const until = course.next?.atMs ?? Math.max(at * day, ...terms.map(graceEndMs)) + 1;
        for (let ms = from; ms < until; ms += day / 2) expect(stateAt(ms)).toBe(course.state);
        expect(stateAt(until - 1)).toBe(course.state);
        if (course.next !== null) expect(stateAt(until)).toBe(course.next.state);
        if (course.sinceMs !== null) expect(stateAt(course.sinceMs - 1)).not.toBe(course.state);
      }),
    );
  });
});
