import type { NodeId } from "../ids.ts";

/** The other nodes in the order in which `self` prefers them: its expected successor first, then onward round the ring. */
export function successorsOf(order: readonly NodeId[], self: NodeId): NodeId[] {
  const position = order.indexOf(self);
  if (position === -1) return [];
  return [...order.slice(position + 1), ...order.slice(0, position)];
}

export interface RingView {
  /** Ring order of the cluster document. */
  readonly order: readonly NodeId[];
  readonly self: NodeId;
  /** With whom this node synchronises now. */
  readonly partner: NodeId | undefined;
  readonly isLive: (node: NodeId) => boolean;
  /** True where a stream to that node stands and neither side lacks anything: moving to it costs no gap. */
  readonly isLevel: (node: NodeId) => boolean;
}

export type RingStep =
  | { readonly kind: "keep" }
  | { readonly kind: "start"; readonly partner: NodeId }
  | { readonly kind: "bypass"; readonly expected: NodeId; readonly partner: NodeId }
  | { readonly kind: "failback"; readonly partner: NodeId }
  | { readonly kind: "no-peer"; readonly expected: NodeId };

/**
 * With whom to synchronise next. A silent successor is bypassed at once for the next live node; that one is kept while it
 * lives (sticky), until the expected successor is back and level.
 */
export function nextRingStep({ order, self, partner, isLive, isLevel }: RingView): RingStep {
  const candidates = successorsOf(order, self);
  const [expected] = candidates;
  if (expected === undefined) return { kind: "keep" };
  const partnerLives = partner !== undefined && candidates.includes(partner) && isLive(partner);
  if (partnerLives && partner === expected) return { kind: "keep" };
  if (partnerLives) return isLive(expected) && isLevel(expected) ? { kind: "failback", partner: expected } : { kind: "keep" };
  const next = candidates.find(isLive);
  if (next === undefined) return partner === undefined ? { kind: "keep" } : { kind: "no-peer", expected };
  return next === expected ? { kind: "start", partner: next } : { kind: "bypass", expected, partner: next };
}
