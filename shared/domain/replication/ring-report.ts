import type { NodeId } from "../ids.ts";
import { knownClocks } from "./clock-course.ts";
import { ageMatrices } from "./data-age.ts";
import type { ExchangeState } from "./exchange-state.ts";
import type { AgeMatrix } from "./pulse.ts";
import { successorsOf } from "./ring.ts";

/**
 * - `aligned`: as the others say.
 * - `ahead`, `behind`: by more than the limit, as a majority says.
 * - `disputed`: two differ by more than the limit, and no majority says whose is wrong.
 * - `unknown`: no other node's clock is known.
 */
export type ClockStanding = "aligned" | "ahead" | "behind" | "disputed" | "unknown";

/** Another node's wall clock, against this node's own. Milliseconds; negative: it is behind. */
export interface PeerClock {
  readonly nodeId: NodeId;
  readonly aheadMs: number;
  readonly uncertaintyMs: number;
  /** The time zone that its machine is set to; null where it has not said so itself. */
  readonly zone: string | null;
}

/** What a node knows of the ring beside its data sets. */
export interface RingReport {
  /** The successor by the cluster document; null: there is nobody else. */
  readonly expected: NodeId | null;
  readonly clock: {
    readonly standing: ClockStanding;
    /** By how much this node's is ahead of what counts: the median of the known ones, and in a dispute the earliest. */
    readonly aheadMs: number;
    readonly limitMs: number;
    readonly zone: string;
    /** An operator has let this node's writes go although its clock is in doubt. */
    readonly released: boolean;
    readonly peers: readonly PeerClock[];
  };
  /** By data set, who shows it, and whose writes they are: how old that is, in milliseconds. */
  readonly ages: Readonly<Record<string, AgeMatrix>>;
}

/** `zones`: of the peers that have told theirs. */
export function ringReport(
  state: ExchangeState,
  { own, zones }: { readonly own: string; readonly zones: ReadonlyMap<NodeId, string> },
  nowMs: number,
): RingReport {
  const { clocks, self, order } = state;
  const ownOffsetMs = clocks.ownOffsetMs ?? 0;
  const peers = knownClocks(state, nowMs)
    .filter(({ node }) => node !== self)
    .map(({ node, offsetMs, uncertaintyMs }) => ({
      nodeId: node,
      aheadMs: rounded(offsetMs - ownOffsetMs),
      uncertaintyMs: rounded(uncertaintyMs),
      zone: zones.get(node) ?? null,
    }))
    .toSorted((one, other) => order.indexOf(one.nodeId) - order.indexOf(other.nodeId));
  const aheadMs = clocks.verdict.kind === "unknown" ? 0 : ownOffsetMs - clocks.verdict.referenceMs;
  return {
    expected: successorsOf(order, self)[0] ?? null,
    clock: {
      standing: standingOf(state),
      aheadMs: rounded(aheadMs),
      limitMs: clocks.skewMsMax,
      zone: own,
      released: clocks.released,
      peers,
    },
    ages: ageMatrices(state, nowMs),
  };
}

/** A tenth of a millisecond: more is not known of any clock. */
function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function standingOf({ self, clocks }: ExchangeState): ClockStanding {
  const doubt = clocks.suspects[self];
  if (doubt !== undefined) return doubt.aheadMs < 0 ? "behind" : "ahead";
  if (clocks.dispute !== null) return "disputed";
  return clocks.verdict.kind === "unknown" ? "unknown" : "aligned";
}
