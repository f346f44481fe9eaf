import { describe, expect, it } from "vitest";
import { dueNotice } from "../../../../shared/domain/licensing/licence-notice.ts";
import type { LicenceTerm } from "../../../../shared/domain/licensing/licence-term.ts";
import { day, sampleTerm } from "./sample-term.ts";

const used = { nodes: 2, users: 10 };

/** What is told, day by day, by somebody who looks every hour. */
function toldBy(terms: readonly LicenceTerm[], days: number, lookEveryMs = 3_600_000): readonly string[] {
  const told = new Map<string, string>();
  for (let nowMs = 0; nowMs < days * day; nowMs += lookEveryMs) {
    const notice = dueNotice(terms, used, nowMs);
    if (notice === null || told.has(notice.key)) continue;
    told.set(notice.key, `day ${Math.floor(nowMs / day)}: ${notice.kind}${notice.kind === "lapsed" ? "" : ` ${notice.daysLeft}`}`);
  }
  return [...told.values()];
}

describe("licences: what is told of their end", () => {
  it("60, 30, 14, 7 and 1 days before, every day of the grace, and once when it lapses", () => {
    const year = sampleTerm({ validFromMs: 0, validUntilMs: 365 * day - 1, graceDays: 3 });
    expect(toldBy([year], 400)).toEqual([
      "day 305: expiring 60",
      "day 335: expiring 30",
      "day 351: expiring 14",
      "day 358: expiring 7",
      "day 364: expiring 1",
      "day 365: grace 3",
      "day 366: grace 2",
      "day 367: grace 1",
      "day 368: lapsed",
    ]);
  });

  it("a trial: every day of its last week", () => {
    const trial = sampleTerm({ isTrial: true, validFromMs: 0, validUntilMs: 30 * day - 1, graceDays: 0 });
    expect(toldBy([trial], 60)).toEqual([...[7, 6, 5, 4, 3, 2, 1].map((left) => `day ${30 - left}: expiring ${left}`), "day 30: lapsed"]);
  });

  it("what has just been bought for thirty days is not warned of at once", () => {
    const month = sampleTerm({ validFromMs: 0, validUntilMs: 30 * day - 1, graceDays: 0 });
    expect(toldBy([month], 20)).toEqual(["day 16: expiring 14"]);
  });

  it("one that another one follows is never spoken of", () => {
    const year = sampleTerm({ validFromMs: 0, validUntilMs: 365 * day - 1 });
    expect(toldBy([year, sampleTerm({ validFromMs: 300 * day, validUntilMs: 900 * day })], 400)).toEqual([]);
  });

  it("nor one whose grace lasts until another one begins", () => {
    const year = sampleTerm({ validFromMs: 0, validUntilMs: 365 * day - 1, graceDays: 30 });
    expect(toldBy([year, sampleTerm({ validFromMs: 380 * day, validUntilMs: 900 * day })], 400)).toEqual([]);
  });

  it("whoever looks only every ten days tells the newest, with the days that are really left", () => {
    const year = sampleTerm({ validFromMs: 0, validUntilMs: 365 * day - 1, graceDays: 30 });
    expect(toldBy([year], 420, 10 * day)).toEqual([
      "day 310: expiring 55",
      "day 340: expiring 25",
      "day 360: expiring 5",
      "day 370: grace 25",
      "day 380: grace 15",
      "day 390: grace 5",
      "day 400: lapsed",
    ]);
  });
});
