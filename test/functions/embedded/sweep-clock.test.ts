import { describe, expect, it } from "vitest";
import { SweepClock } from "../../../functions/embedded/sweep-clock.ts";

const silent = { info: () => {}, warn: () => {}, error: () => {} };

describe("sweeps of the embedded control plane", () => {
  it("rest longer than they have worked", async () => {
    const took: number[] = [];
    const clock = new SweepClock(
      {
        what: "everything",
        intervalMs: 60_000,
        run: async (rest) => {
          const startedMs = performance.now();
          await rest(5);
          took.push(performance.now() - startedMs);
        },
      },
      silent,
    );
    clock.start();
    await expect.poll(() => took.length).toBe(1);
    await clock.close();
    expect(took[0]).toBeGreaterThan(40);
  });

  it("end where they are when the control plane does", async () => {
    const goesOn: boolean[] = [];
    const clock = new SweepClock({ what: "everything", intervalMs: 60_000, run: async (rest) => goesOn.push(await rest(60_000)) }, silent);
    clock.start();
    await clock.close();
    expect(goesOn).toEqual([false]);
  });
});
