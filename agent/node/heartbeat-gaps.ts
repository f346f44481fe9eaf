import type { NodeId, PathName } from "../../shared/domain/ids.ts";
import type { MonotonicUs } from "../../shared/domain/time.ts";
import { msFromUs } from "../../shared/domain/time.ts";

/** Gaps seen since they were last taken, in milliseconds. */
export interface SeenGaps {
  readonly peers: Readonly<Record<NodeId, Readonly<Record<PathName, readonly number[]>>>>;
  readonly own: readonly number[];
}

interface LastHeard {
  readonly incarnation: number;
  readonly atUs: MonotonicUs;
}

/** The control loop's ear for rhythm: how long the pauses between a peer's heartbeats are, on each path. */
export class HeartbeatGaps {
  readonly #nowUs: () => MonotonicUs;
  readonly #last = new Map<string, LastHeard>();
  #peers: Record<NodeId, Record<PathName, number[]>> = {};
  #own: number[] = [];

  constructor(nowUs: () => MonotonicUs) {
    this.#nowUs = nowUs;
  }

  /** A peer that was started anew had stopped: the pause before its first heartbeat says nothing about the path. */
  heard(from: NodeId, path: PathName, incarnation: number): void {
    const atUs = this.#nowUs();
    const way = `${from} ${path}`;
    const last = this.#last.get(way);
    this.#last.set(way, { incarnation, atUs });
    if (last?.incarnation === incarnation) ((this.#peers[from] ??= {})[path] ??= []).push(msFromUs(atUs - last.atUs));
  }

  /** This node was late itself: what it has not heard meanwhile it cannot tell. */
  wasLate(lateMs: number): void {
    this.#own.push(lateMs);
    this.#last.clear();
  }

  /** Null where there was nothing. */
  take(): SeenGaps | null {
    const seen = { peers: this.#peers, own: this.#own };
    if (Object.keys(seen.peers).length === 0 && seen.own.length === 0) return null;
    [this.#peers, this.#own] = [{}, []];
    return seen;
  }
}
