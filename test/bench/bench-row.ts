import type { BenchScenario, Sample } from "./contender.ts";
import { type Quantiles, quantilesOf } from "./quantiles.ts";

/** One scenario, ours beside a peer's in the same run. Times in milliseconds; null where the peer was not measured. */
export interface BenchRow {
  readonly scenario: BenchScenario;
  readonly profile: string;
  readonly peer: string;
  readonly oursMs: Quantiles;
  readonly peerMs: Quantiles | null;
  /** Of the medians; null also where the peer's client noticed nothing. */
  readonly ratio: number | null;
  /** The longest of all samples. */
  readonly oursBothAnswerMs: number;
  readonly peerBothAnswerMs: number | null;
  /** Of all samples together; null where the fault asks for a takeover, or the peer was not measured. */
  readonly oursFalseTakeovers: number | null;
  readonly peerFalseTakeovers: number | null;
  readonly samples: { readonly ours: readonly Sample[]; readonly peer: readonly Sample[] };
}

export function benchRow(
  about: Pick<BenchRow, "scenario" | "profile" | "peer">,
  ours: readonly Sample[],
  peer: readonly Sample[] | null,
): BenchRow {
  const oursMs = quantiles(ours);
  const peerMs = peer === null ? null : quantiles(peer);
  return {
    ...about,
    oursMs,
    peerMs,
    ratio: peerMs === null || peerMs.p50 === 0 ? null : oursMs.p50 / peerMs.p50,
    oursBothAnswerMs: longestBothMs(ours),
    peerBothAnswerMs: peer === null ? null : longestBothMs(peer),
    oursFalseTakeovers: allFalseTakeovers(ours),
    peerFalseTakeovers: peer === null ? null : allFalseTakeovers(peer),
    samples: { ours, peer: peer ?? [] },
  };
}

function longestBothMs(samples: readonly Sample[]): number {
  return Math.max(0, ...samples.map(({ bothAnswerMs }) => bothAnswerMs));
}

function allFalseTakeovers(samples: readonly Sample[]): number | null {
  const counts = samples.flatMap(({ falseTakeovers }) => (falseTakeovers === null ? [] : [falseTakeovers]));
  return counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0);
}

function quantiles(samples: readonly Sample[]): Quantiles {
  return quantilesOf(samples.map(({ silenceMs }) => silenceMs));
}

export const benchHeading = [
  "scenario",
  "profile",
  "ours p50",
  "p99",
  "n",
  "peer",
  "p50",
  "p99",
  "n",
  "ratio",
  "ours both answer",
  "peer both answer",
  "ours false takeovers",
  "peer false takeovers",
] as const;

export function benchCells(row: BenchRow): string[] {
  const { scenario, profile, peer, oursMs, peerMs, ratio, oursBothAnswerMs, peerBothAnswerMs } = row;
  return [
    scenario,
    profile,
    ...quantileCells(oursMs),
    peer,
    ...(peerMs === null ? ["not measured", "", ""] : quantileCells(peerMs)),
    ratio === null ? "-" : ratio.toFixed(2),
    oursBothAnswerMs.toFixed(0),
    peerBothAnswerMs === null ? "-" : peerBothAnswerMs.toFixed(0),
    ...[row.oursFalseTakeovers, row.peerFalseTakeovers].map((count) => (count === null ? "-" : String(count))),
  ];
}

function quantileCells({ p50, p99, n }: Quantiles): string[] {
  return [p50.toFixed(0), p99.toFixed(0), String(n)];
}
