import { describe, expect, it } from "vitest";
import { failoverSettings as settings } from "../../../shared/config/timing.ts";

const driftMax = 0.01;

describe.each(Object.entries(settings.profiles))(
  "timing profile %s",
  (_name, { leaseMs, heartbeatIntervalMs, suspectAfterMs, rankDelayMs }) => {
    const marginMs = settings.leaseMargin.fixedMs + settings.leaseMargin.fractionOfLease * leaseMs;
    const stopWindowMs = settings.stopWindowFractionOfLease * leaseMs;

    it("a slow holder's lease ends before a fast voter's promise, with the fixed margin to spare", () => {
      const holderEndsMs = (leaseMs - marginMs) / (1 - driftMax);
      const voterEndsMs = leaseMs / (1 + driftMax);
      expect(voterEndsMs - holderEndsMs).toBeGreaterThanOrEqual(settings.leaseMargin.fixedMs * 0.99);
    });

    it("a fresh voter's silence outlasts every promise of its earlier run, whatever the drift", () => {
      const holderEndsMs = (leaseMs - marginMs) / (1 - driftMax);
      expect(settings.leaseMsMax / (1 + driftMax)).toBeGreaterThan(holderEndsMs);
      expect(settings.leaseMsMax).toBeGreaterThanOrEqual(leaseMs);
    });

    it("two renewals may be lost before resources are stopped", () => {
      expect(leaseMs - marginMs - stopWindowMs).toBeGreaterThan(3 * heartbeatIntervalMs);
    });

    it("a dead node is known to be silent before its lease has run out, and one lost heartbeat is no silence", () => {
      expect(suspectAfterMs.most).toBeLessThan(leaseMs);
      expect(suspectAfterMs.least).toBeGreaterThanOrEqual(3 * heartbeatIntervalMs);
    });

    it("all eight nodes' turns fit into one lease and a half", () => {
      expect(8 * rankDelayMs).toBeLessThanOrEqual(1.5 * leaseMs);
    });
  },
);
