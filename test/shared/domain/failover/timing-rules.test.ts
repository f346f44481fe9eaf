import { describe, expect, it } from "vitest";
import { failoverSettings } from "../../../../shared/config/timing.ts";
import { timingProblems } from "../../../../shared/domain/failover/timing-rules.ts";
import { timingSchema } from "../../../../shared/protocol/cluster-document-schema.ts";
import { drawnTiming } from "../../../simulation/swarm.ts";

describe("the timings of a profile", () => {
  it.each(Object.entries(failoverSettings.profiles))("%s keeps every rule", (_name, profile) => {
    expect(timingProblems(profile, failoverSettings)).toEqual([]);
  });

  it("whatever the simulation draws keeps every rule, and is what a document may say", () => {
    const drawn = Array.from({ length: 2_000 }, (_, seed) => drawnTiming(seed)).filter((timing) => timing !== null);
    expect(drawn.length).toBeGreaterThan(100);
    for (const timing of drawn) {
      expect(timingProblems(timing, failoverSettings)).toEqual([]);
      expect(timingSchema.parse(timing)).toEqual(timing);
    }
  });

  it("every problem is told at once, with what would be right", () => {
    const hasty = { leaseMs: 200, heartbeatIntervalMs: 40, suspectAfterMs: { least: 100, usual: 90, most: 200 }, rankDelayMs: 5 };
    expect(timingProblems(hasty, failoverSettings).map(({ path, message }) => `${path}: ${message}`)).toMatchInlineSnapshot(`
      [
        "timing.heartbeatIntervalMs: must be at least 50: faster than that the agent cannot keep up",
        "timing.heartbeatIntervalMs: must be at most 32: of a lease of 200 ms, 96 ms may pass unrenewed, and 2 renewals in a row may be lost",
        "timing.suspectAfterMs.least: must be at least 120: 3 heartbeats, of which one may be lost and one late",
        "timing.suspectAfterMs.usual: must lie between least (100) and most (200)",
        "timing.suspectAfterMs.most: must be below the lease (200): a dead node is known to be silent before its lease has run out",
        "timing.rankDelayMs: must be at least 10, or two candidates would ask at once",
      ]
    `);
    const slow = {
      leaseMs: 30_000,
      heartbeatIntervalMs: 9_000,
      suspectAfterMs: { least: 27_000, usual: 28_000, most: 29_000 },
      rankDelayMs: 9_000,
    };
    expect(timingProblems(slow, failoverSettings).map(({ path, message }) => `${path}: ${message}`)).toMatchInlineSnapshot(`
      [
        "timing.leaseMs: must be at most 3000: a node that has just started keeps silent for the longest lease there is",
        "timing.heartbeatIntervalMs: must be at most 7283: of a lease of 30000 ms, 21850 ms may pass unrenewed, and 2 renewals in a row may be lost",
        "timing.rankDelayMs: must be at most 5625: the turns of 8 nodes come within one lease and a half",
      ]
    `);
  });
});
