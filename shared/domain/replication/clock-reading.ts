import type { NodeId } from "../ids.ts";

/**
 * Another node's wall clock, held against this node's monotonic one: so a step of this node's own wall clock changes nothing in what it knows of the others, and shows
 * at once. Milliseconds.
 */
export interface ClockReading {
  /** Its wall clock less this node's monotonic clock. */
  readonly offsetMs: number;
  /** By how much that may have been wrong, either way, when it was measured. */
  readonly uncertaintyMs: number;
  /** By this node's monotonic clock. */
  readonly measuredAtMs: number;
}

/** What a pulse says of a third node's wall clock, as it was when the pulse was sent. */
export interface RelayedClock {
  readonly wallMs: number;
  readonly uncertaintyMs: number;
  /** How long before it was measured. */
  readonly agoMs: number;
}

/** Both ways between two nodes: when this side's pulse went out and the answer came (monotonic here), and for how long the other side had kept it (monotonic there). */
export interface RoundTrip {
  readonly sentMs: number;
  readonly receivedMs: number;
  readonly heldMs: number;
}

/** By how much two monotonic clocks part in a millisecond, at the worst. */
const driftMax = 0.000_5;

/** For how long the pulse was under way between the two, halved, is all that may be wrong. */
export function measuredClock(wallMs: number, { sentMs, receivedMs, heldMs }: RoundTrip): ClockReading {
  const halfMs = Math.max(0, receivedMs - sentMs - heldMs) / 2;
  return { offsetMs: wallMs + halfMs - receivedMs, uncertaintyMs: halfMs + heldMs * driftMax, measuredAtMs: receivedMs };
}

/** A third node's clock by the word of one whose pulse was as long under way as `via` says. */
export function relayedClock({ wallMs, uncertaintyMs, agoMs }: RelayedClock, via: ClockReading): ClockReading {
  const sentAgoMs = via.uncertaintyMs;
  return {
    offsetMs: wallMs + sentAgoMs - via.measuredAtMs,
    uncertaintyMs: uncertaintyMs + via.uncertaintyMs,
    measuredAtMs: via.measuredAtMs - agoMs,
  };
}

export function uncertaintyAt({ uncertaintyMs, measuredAtMs }: ClockReading, nowMs: number): number {
  return uncertaintyMs + Math.max(0, nowMs - measuredAtMs) * driftMax;
}

/** Of two readings that can both be true the closer one; of two that cannot the later one, since the clock has been set in between. */
export function betterReading(before: ClockReading | undefined, next: ClockReading, nowMs: number): ClockReading {
  if (before === undefined) return next;
  const [was, is] = [uncertaintyAt(before, nowMs), uncertaintyAt(next, nowMs)];
  if (Math.abs(before.offsetMs - next.offsetMs) <= was + is) return is <= was ? next : before;
  return next.measuredAtMs >= before.measuredAtMs ? next : before;
}

/** What a pulse that goes out now tells of the others. */
export function relayedReadings(
  readings: Readonly<Record<NodeId, ClockReading>>,
  except: NodeId,
  nowMs: number,
): Record<NodeId, RelayedClock> {
  return Object.fromEntries(
    (Object.entries(readings) as [NodeId, ClockReading][])
      .filter(([node]) => node !== except)
      .map(([node, reading]) => [
        node,
        {
          wallMs: reading.offsetMs + nowMs,
          uncertaintyMs: uncertaintyAt(reading, nowMs),
          agoMs: Math.max(0, nowMs - reading.measuredAtMs),
        },
      ]),
  );
}
