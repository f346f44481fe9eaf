import type { LeaseRequest, LongRequest } from "../domain/failover/messages.ts";
import type { NodeId } from "../domain/ids.ts";
import type { DurationUs, MonotonicUs } from "../domain/time.ts";
import type { CloudPromise } from "../domain/witness/cloud-votes.ts";

/** A promise of the cloud to another node, or to an earlier run of this one, as long as it stands. */
interface Observed extends CloudPromise {
  /** When it was first seen: later than when it was asked for, so that it has ended once its length has passed from here. */
  readonly sinceUs: MonotonicUs;
}

const asksKeptMax = 16;

/** What a node knows of the cloud's vote for one group. */
export class CloudVote {
  /** Counted from before it was asked for. */
  held: { readonly epoch: number; readonly sentUs: MonotonicUs; readonly forUs: DurationUs } | null = null;
  /** The highest number that the cloud may have promised to this node and not have back. 0: none. */
  mayHold = 0;
  /** What was granted up to this number is not believed any more. */
  freedUpTo = 0;
  wanted: LeaseRequest | null = null;
  wantedLong: LongRequest | null = null;
  askedAtUs: MonotonicUs | null = null;
  underWay = 0;
  isReleasing = false;
  isReleaseTimed = false;
  /** The end of the latest promise that was made out of this one. */
  promisedUntilUs: MonotonicUs = 0;
  longUntilUs: MonotonicUs = 0;
  /** The highest number that the cloud has promised to anybody. */
  epoch = 0;
  observed: Observed | null = null;
  /** The number of the promise that the cloud was told of as run out. */
  toldExpired: number | null = null;
  readonly #asked = new Map<number, MonotonicUs>();
  #askedMax = -1;

  free(epoch: number): void {
    this.freedUpTo = Math.max(this.freedUpTo, epoch);
    if (this.held !== null && this.held.epoch <= epoch) [this.held, this.longUntilUs] = [null, 0];
    if (this.wanted !== null && this.wanted.epoch <= epoch) this.wanted = null;
    if (this.wantedLong !== null && this.wantedLong.epoch <= epoch) this.wantedLong = null;
  }

  /** When it was asked for first: whatever is granted counts from there, however often it is asked. Null: it was, and nobody knows when. */
  firstAsked(requestId: number, nowUs: MonotonicUs): MonotonicUs | null {
    const known = this.#asked.get(requestId);
    if (known !== undefined) return known;
    if (requestId <= this.#askedMax) return null;
    this.#asked.set(requestId, nowUs);
    this.#askedMax = requestId;
    for (const earlier of this.#asked.keys()) if (this.#asked.size > asksKeptMax) this.#asked.delete(earlier);
    return nowUs;
  }

  usedUntilUs(): MonotonicUs {
    return Math.max(this.promisedUntilUs, this.longUntilUs);
  }

  sees(promise: CloudPromise, self: NodeId, incarnation: number, nowUs: MonotonicUs): void {
    this.epoch = Math.max(this.epoch, promise.epoch);
    const isOwn = promise.to === self && promise.toIncarnation === incarnation;
    if (isOwn && promise.epoch > this.mayHold) {
      this.mayHold = promise.epoch;
      // Of an agent that was started anew under its incarnation, and the core counts on what was promised to that one.
      this.longUntilUs = Math.max(this.longUntilUs, nowUs + promise.forUs);
    }
    if (promise.to === null || isOwn) this.observed = null;
    // An answer that was overtaken tells of an earlier one.
    else if (this.observed === null || promise.number > this.observed.number) this.observed = { ...promise, sinceUs: nowUs };
  }

  observedUntilUs(): MonotonicUs {
    return this.observed === null ? 0 : this.observed.sinceUs + this.observed.forUs;
  }

  expiredNumber(nowUs: MonotonicUs): number | null {
    return this.observed !== null && nowUs >= this.observedUntilUs() ? this.observed.number : null;
  }
}
