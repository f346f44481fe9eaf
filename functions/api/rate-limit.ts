import type { Context } from "hono";
import { limits } from "../../shared/config/limits.ts";
import { Refusal } from "../use-cases/refusal.ts";
import { type Rate, RequestBuckets } from "../use-cases/request-buckets.ts";

/** What one signed-in caller may ask for, and one network address that is not signed in. */
export interface Rates {
  readonly signedIn: Rate;
  readonly strangers: Rate;
}

export const defaultRates: Rates = {
  signedIn: { perSecond: limits.apiRequestsPerSecond, burst: limits.apiRequestsBurst },
  strangers: { perSecond: limits.strangersRequestsPerSecond, burst: limits.strangersRequestsBurst },
};

/** A rate for each caller, beside what API Gateway counts for all. */
export class RateLimit {
  readonly #rate: Rate;
  readonly #buckets: RequestBuckets;

  constructor(rate: Rate, nowMs: () => number) {
    this.#rate = rate;
    this.#buckets = new RequestBuckets(rate, nowMs);
  }

  /** Takes one request out of the caller's bucket; refuses where it is empty, and says when to come again. */
  take(caller: string): void {
    const { perSecond, burst } = this.#rate;
    const retryAfterSeconds = this.#buckets.take(caller);
    if (retryAfterSeconds === 0) return;
    const message = `more requests than ${perSecond} a second, after a first ${burst}`;
    throw new Refusal("too-many-requests", message, `Try again in ${retryAfterSeconds} s, and ask less often.`, { retryAfterSeconds });
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
