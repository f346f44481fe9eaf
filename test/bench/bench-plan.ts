import type { TimingProfileName } from "../../shared/domain/membership/cluster-document.ts";
import { type BenchScenario, benchScenarios, busy, busyMs } from "./contender.ts";

/** A setting of the peer, and where it is held against ours. */
export interface Peer {
  readonly advertSeconds: number;
  readonly scenarios: readonly BenchScenario[];
}

/** One lab: our cluster with one timing, and the peers beside it. */
export interface BenchLab {
  readonly profile: TimingProfileName;
  readonly peers: readonly Peer[];
}

/** The last one is as fast as the peer can be set: on a busy machine that has its price. */
const labs: readonly BenchLab[] = [
  { profile: "default", peers: [{ advertSeconds: 1, scenarios: benchScenarios }] },
  {
    profile: "fast",
    peers: [
      { advertSeconds: 0.1, scenarios: benchScenarios },
      { advertSeconds: 0.01, scenarios: [busy] },
    ],
  },
];
export const benchProfiles: readonly TimingProfileName[] = labs.map(({ profile }) => profile);

/** A busy machine takes its 45 s each time, and one of them is as good as many single faults. */
export const busySamplesMax = 3;

export interface BenchOptions {
  readonly samples: number;
  readonly profile: readonly TimingProfileName[];
  readonly scenario: readonly BenchScenario[];
}

/** What is sampled at once: ours and every peer whose setting counts there. Each peer makes a row. */
export interface PlannedScenario {
  readonly scenario: BenchScenario;
  readonly samples: number;
  readonly peers: readonly Peer[];
}

export interface PlannedLab {
  readonly profile: TimingProfileName;
  readonly scenarios: readonly PlannedScenario[];
}

export function benchPlan({ samples, profile: profiles, scenario: wanted }: BenchOptions): PlannedLab[] {
  const chosen = benchScenarios.filter((scenario) => wanted.includes(scenario));
  return labs
    .filter(({ profile }) => profiles.includes(profile))
    .map(({ profile, peers }) => ({
      profile,
      scenarios: chosen.map((scenario) => ({
        scenario,
        samples: scenario === busy ? Math.min(samples, busySamplesMax) : samples,
        peers: peers.filter(({ scenarios }) => scenarios.includes(scenario)),
      })),
    }));
}

/** What a part of the plan takes on an idle machine, in milliseconds. */
export const labMs = 30_000;
export function sampleMs(profile: TimingProfileName, scenario: BenchScenario): number {
  if (scenario === busy) return busyMs + 8_000;
  return profile === "default" ? 10_500 : 6_000;
}
