import type { Context } from "hono";
import { limits } from "../../shared/config/limits.ts";
import { Refusal } from "../use-cases/refusal.ts";

export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** What one signed-in caller may ask for, and one network address that is not signed in. */
export interface Rates {
  readonly signedIn: Rate;
  readonly strangers: Rate;
}

export const defaultRates: Rates = {
  signedIn: { perSecond: limits.apiRequestsPerSecond, burst: limits.apiRequestsBurst },
  strangers: { perSecond: limits.strangersRequestsPerSecond, burst: limits.strangersRequestsBurst },
};

/** Callers remembered at once; who asked longest ago goes first, and begins with a full bucket. */
const callersMax = 10_000;

interface Bucket {
  readonly left: number;
  readonly atMs: number;
}

/**
 * A bucket of requests for each caller, refilled evenly. In the memory of this process: on AWS each instance counts for itself, beside what API
 * Gateway counts for all.
 */
export class RateLimit {
  readonly #rate: Rate;
  readonly #nowMs: () => number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate, nowMs: () => number) {
    this.#rate = rate;
    this.#nowMs = nowMs;
  }

  /** Takes one request out of the caller's bucket; refuses where it is empty, and says when to come again. */
  take(caller: string): void {
    const { perSecond, burst } = this.#rate;
    const atMs = this.#nowMs();
    const before = this.#buckets.get(caller) ?? { left: burst, atMs };
    const left = Math.min(burst, before.left + (Math.max(0, atMs - before.atMs) / 1_000) * perSecond);
    if (left < 1) {
      const retryAfterSeconds = Math.ceil((1 - left) / perSecond);
      const message = `more requests than ${perSecond} a second, after a first ${burst}`;
      throw new Refusal("too-many-requests", message, `Try again in ${retryAfterSeconds} s, and ask less often.`, { retryAfterSeconds });
    }
    this.#buckets.delete(caller);
    this.#buckets.set(caller, { left: left - 1, atMs });
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > callersMax && oldest !== undefined) this.#buckets.delete(oldest);
  }
}

/** The address that the request came from: of the socket on Node, as API Gateway tells it on Lambda. */
export function addressOf(context: Context): string {
  const environment = context.env as
    | {
        readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } };
        readonly requestContext?: { readonly http?: { readonly sourceIp?: string } };
      }
    | undefined;
  return environment?.incoming?.socket?.remoteAddress ?? environment?.requestContext?.http?.sourceIp ?? "unknown";
}
