import { describe, expect, it } from "vitest";
import type { NodeId } from "../../../../shared/domain/ids.ts";
import {
  betterReading,
  measuredClock,
  relayedClock,
  relayedReadings,
  uncertaintyAt,
} from "../../../../shared/domain/replication/clock-reading.ts";

describe("another node's clock", () => {
  it("is known to half of the way there and back, without the time for which the other side had kept the pulse", () => {
    const reading = measuredClock(1_000_000, { sentMs: 100, receivedMs: 350, heldMs: 200 });
    expect(reading).toEqual({ offsetMs: 1_000_000 + 25 - 350, uncertaintyMs: 25.1, measuredAtMs: 350 });
  });

  it("is less certain with time, and a closer measurement replaces an older one", () => {
    const close = { offsetMs: 500, uncertaintyMs: 1, measuredAtMs: 0 };
    const wide = { offsetMs: 510, uncertaintyMs: 20, measuredAtMs: 1_000 };
    expect(uncertaintyAt(close, 10_000)).toBeCloseTo(6);
    expect(betterReading(close, wide, 1_000)).toBe(close);
    expect(betterReading(close, { ...wide, measuredAtMs: 100_000 }, 100_000).uncertaintyMs).toBe(20);
  });

  it("was set in between: what cannot be true any more counts no more, however close it was", () => {
    const before = { offsetMs: 500, uncertaintyMs: 1, measuredAtMs: 0 };
    const after = { offsetMs: 3_600_500, uncertaintyMs: 50, measuredAtMs: 1_000 };
    expect(betterReading(before, after, 1_000)).toBe(after);
    expect(betterReading(after, before, 1_000)).toBe(after);
  });

  it("is told on: as it was when the pulse went out, and both ways' uncertainty adds up", () => {
    const node = "node_c" as NodeId;
    const told = relayedReadings({ [node]: { offsetMs: 700, uncertaintyMs: 2, measuredAtMs: 1_000 } }, "node_a" as NodeId, 2_000)[node];
    expect(told).toEqual({ wallMs: 2_700, uncertaintyMs: 2.5, agoMs: 1_000 });
    if (told === undefined) return;
    const via = { offsetMs: 0, uncertaintyMs: 10, measuredAtMs: 50_000 };
    expect(relayedClock(told, via)).toEqual({ offsetMs: 2_700 + 10 - 50_000, uncertaintyMs: 12.5, measuredAtMs: 49_000 });
    expect(relayedReadings({ [node]: { offsetMs: 700, uncertaintyMs: 2, measuredAtMs: 0 } }, node, 2_000)).toEqual({});
  });
});
