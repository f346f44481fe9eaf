import { describe, expect, it } from "vitest";
import { certificateNotice, rotationDueAtMs } from "../../../../shared/domain/membership/certificate-life.ts";

const dayMs = 86_400_000;
const life = (days: number) => ({ fromMs: 0, untilMs: days * dayMs });

describe("when a certificate is renewed", () => {
  it("after two thirds of its life; of one that was made for longer than is allowed now, after two thirds of that", () => {
    expect(rotationDueAtMs(life(90), 90 * dayMs)).toBe(60 * dayMs);
    expect(rotationDueAtMs(life(30 * 365), 90 * dayMs)).toBe(60 * dayMs);
    expect(rotationDueAtMs(life(30), 90 * dayMs)).toBe(20 * dayMs);
  });
});

describe("what is told of a certificate that was not renewed", () => {
  it.each([
    [90, 61, null],
    [90, 77, { daysLeft: 13, key: 14 }],
    [90, 83, { daysLeft: 7, key: 7 }],
    [90, 88.5, { daysLeft: 2, key: 7 }],
    [90, 89.5, { daysLeft: 1, key: 1 }],
    [90, 90, { daysLeft: 0, key: 0 }],
    [365, 340, { daysLeft: 25, key: 30 }],
    [30, 21, null],
    [30, 24, { daysLeft: 6, key: 7 }],
  ])("of %i days, after %f: %j", (days, after, notice) => {
    expect(certificateNotice(life(days), after * dayMs)).toEqual(notice);
  });
});
