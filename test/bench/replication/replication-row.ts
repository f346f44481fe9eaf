import { type Quantiles, quantilesOf } from "../quantiles.ts";

/** What a measurement of one contender came to: samples of one kind. */
export type Samples = readonly number[];

/** One thing measured, ours beside a peer's in the same run. */
export interface ReplicationRow {
  readonly what: string;
  readonly unit: "ms" | "s" | "per s";
  readonly ours: Quantiles;
  /** Null: not measured. */
  readonly peer: Quantiles | null;
  readonly peerName: string;
  /** Of the medians, ours by the peer's. */
  readonly ratio: number | null;
  readonly n: number;
  readonly samples: { readonly ours: Samples; readonly peer: Samples };
}

export function replicationRow(
  about: Pick<ReplicationRow, "what" | "unit" | "peerName">,
  ours: Samples,
  peer: Samples | null,
): ReplicationRow {
  const [own, theirs] = [quantilesOf(ours), peer === null ? null : quantilesOf(peer)];
  return {
    ...about,
    ours: own,
    peer: theirs,
    ratio: theirs === null || theirs.p50 === 0 ? null : own.p50 / theirs.p50,
    n: own.n,
    samples: { ours, peer: peer ?? [] },
  };
}

export const replicationHeading = ["what", "unit", "ours p50", "p99", "n", "peer", "p50", "p99", "ratio"] as const;

export function replicationCells({ what, unit, ours, peer, peerName, ratio, n }: ReplicationRow): string[] {
  const theirs = peer === null ? ["not measured", ""] : [shown(peer.p50), shown(peer.p99)];
  return [what, unit, shown(ours.p50), shown(ours.p99), String(n), peerName, ...theirs, ratio === null ? "-" : ratio.toFixed(2)];
}

function shown(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}
