import { describe, expect, it } from "vitest";
import { benchPlan, benchProfiles, labMs, sampleMs } from "./bench-plan.ts";
import { BenchProgress } from "./bench-progress.ts";
import { benchScenarios, busy } from "./contender.ts";

const everything = { samples: 12, profile: benchProfiles, scenario: benchScenarios };

describe("the plan of the failover bench", () => {
  it("samples every scenario beside the peer as each profile is held against it, and a busy machine also beside the fastest peer at once", () => {
    const plan = benchPlan(everything);
    const peersOf = (profile: string, wanted: string) =>
      plan
        .find((lab) => lab.profile === profile)
        ?.scenarios.find(({ scenario }) => scenario === wanted)
        ?.peers.map(({ advertSeconds }) => advertSeconds);
    expect(plan.map(({ scenarios }) => scenarios.length)).toEqual([8, 8]);
    expect(peersOf("default", "host-dies")).toEqual([1]);
    expect(peersOf("fast", "host-dies")).toEqual([0.1]);
    expect(peersOf("fast", busy)).toEqual([0.1, 0.01]);
  });

  it("takes what is asked for alone, and of a busy machine three samples at most", () => {
    const [lab, ...others] = benchPlan({ samples: 5, profile: ["fast"], scenario: [busy, "link-cut"] });
    expect(others).toEqual([]);
    expect(lab?.scenarios.map(({ scenario, samples }) => [scenario, samples])).toEqual([
      ["link-cut", 5],
      [busy, 3],
    ]);
  });

  it("everything with 12 samples takes 31 minutes at most", () => {
    expect(new BenchProgress(benchPlan(everything), 0).minutesToGo(0)).toBeLessThanOrEqual(31);
  });
});

it("the time to go: stretched by how much slower than planned the run is so far", () => {
  const plan = benchPlan({ samples: 10, profile: ["fast"], scenario: ["host-dies"] });
  const progress = new BenchProgress(plan, 1_000);
  expect(progress.minutesToGo(1_000)).toBe(Math.ceil((labMs + 10 * sampleMs("fast", "host-dies")) / 60_000));
  progress.isDone(labMs);
  expect(progress.minutesToGo(1_000 + 3 * labMs)).toBe(Math.ceil((3 * 10 * sampleMs("fast", "host-dies")) / 60_000));
});
