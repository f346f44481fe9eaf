import { limits } from "../../shared/config/limits.ts";
import type { Access } from "../../shared/domain/access/access.ts";
import { quotaOf } from "./quota-of.ts";
import { Refusal } from "./refusal.ts";
import { type Rate, RequestBuckets } from "./request-buckets.ts";

/** What one signed-in caller may ask for, all callers of one customer together, and one network address that is not signed in. */
export interface Rates {
  readonly signedIn: Rate;
  readonly customer: Rate;
  readonly strangers: Rate;
}

export const defaultRates: Rates = {
  signedIn: { perSecond: limits.apiRequestsPerSecond, burst: limits.apiRequestsBurst },
  customer: { perSecond: limits.customerRequestsPerSecond, burst: limits.customerRequestsBurst },
  strangers: { perSecond: limits.strangersRequestsPerSecond, burst: limits.strangersRequestsBurst },
};

/** A rate for each caller, beside what API Gateway counts for all. `whose`: of whom together, where it is not each one's own. */
export class RateLimit {
  readonly #rate: Rate;
  readonly #whose: string;
  readonly #buckets: RequestBuckets;

  constructor(rate: Rate, nowMs: () => number, whose = "") {
    this.#rate = rate;
    this.#whose = whose;
    this.#buckets = new RequestBuckets(rate, nowMs);
  }

  /** Takes one request out of the caller's bucket; refuses where it is empty, and says when to come again. */
  take(caller: string): void {
    const { perSecond, burst } = this.#rate;
    const retryAfterSeconds = this.#buckets.take(caller);
    if (retryAfterSeconds === 0) return;
    const message = `more requests than ${perSecond} a second${this.#whose}, after a first ${burst}`;
    throw new Refusal("too-many-requests", message, `Try again in ${retryAfterSeconds} s, and ask less often.`, { retryAfterSeconds });
  }
}

/**
 * What those who are signed in may ask for, at every door of a process together: each key and person so much, and all of one customer so much. However many keys a
 * customer has, the others' requests are answered; so are they where the provider's own are too many.
 */
export class CallerRates {
  readonly #callers: RateLimit;
  readonly #customers: RateLimit;

  constructor({ signedIn, customer }: Pick<Rates, "signedIn" | "customer">, nowMs: () => number) {
    this.#callers = new RateLimit(signedIn, nowMs);
    this.#customers = new RateLimit(customer, nowMs, " by you and those with whom you share a customer");
  }

  /** Refuses where either is used up. */
  take(caller: { readonly id: string; readonly access: Access }): void {
    this.#callers.take(caller.id);
    this.#customers.take(quotaOf(caller.access));
  }
}
