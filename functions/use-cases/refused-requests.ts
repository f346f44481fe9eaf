import { limits } from "../../shared/config/limits.ts";
import { type Access, onlyCustomer } from "../../shared/domain/access/access.ts";
import type { Actor } from "../../shared/domain/audit/audit-entry.ts";
import type { ApiErrorCode } from "../../shared/protocol/errors.ts";
import type { Dependencies } from "../dependencies.ts";
import { quotaOf } from "./quota-of.ts";
import type { Refusal } from "./refusal.ts";
import { type Rate, RequestBuckets } from "./request-buckets.ts";

/** What somebody who is signed in has asked for. */
export interface AskedFor {
  readonly actor: Actor;
  readonly access: Access;
  /** As declared, with braces; the method alone where it is not. */
  readonly route: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly path: string;
}

/** How many entries one caller, and all callers of one customer together, may leave. */
export interface ListingRates {
  readonly ofCaller: Rate;
  readonly ofCustomer: Rate;
}

const defaultListing: ListingRates = {
  ofCaller: { burst: limits.refusalsListedBurst, perSecond: limits.refusalsListedPerMinute / 60 },
  ofCustomer: { burst: limits.refusalsListedOfCustomerBurst, perSecond: limits.refusalsListedOfCustomerPerMinute / 60 },
};

/** Callers whose refusals without an entry are counted at once. */
const countedMax = 10_000;

/**
 * Writes what was refused into the audit log: each request of somebody who is signed in, once. The log of the caller's own customer has it; the provider's alone,
 * where the caller has several: what was asked for may name things of one that another shall not learn of. Who has no sign-in is nobody that an entry could name, and
 * could fill the table from any number of addresses: those stay in the log file.
 *
 * Bounded: of one caller `refusalsListedBurst` entries and then so many a minute, of all callers of a customer ten times that, of `too-many-requests` one a
 * caller and minute. What is beyond has no entry of its own; the caller's next one counts it.
 */
export class RefusedRequests {
  readonly #dependencies: Pick<Dependencies, "stores" | "nowMs" | "log">;
  readonly #ofCaller: RequestBuckets;
  readonly #ofCustomer: RequestBuckets;
  readonly #tooMany: RequestBuckets;
  readonly #unlisted = new Map<string, number>();

  constructor(dependencies: Pick<Dependencies, "stores" | "nowMs" | "log">, { ofCaller, ofCustomer }: ListingRates = defaultListing) {
    this.#dependencies = dependencies;
    this.#ofCaller = new RequestBuckets(ofCaller, dependencies.nowMs);
    this.#ofCustomer = new RequestBuckets(ofCustomer, dependencies.nowMs);
    this.#tooMany = new RequestBuckets({ burst: 1, perSecond: 1 / 60 }, dependencies.nowMs);
  }

  /** Never rejects: the request is refused either way, and what the table did not take stands in the log file. */
  async note(asked: AskedFor, refusal: Refusal): Promise<void> {
    if (!isAttempt[refusal.code]) return;
    const { stores, nowMs, log } = this.#dependencies;
    const { actor, access, route, parameters, path } = asked;
    const facts = { requestId: actor.requestId, caller: actor.id, route, code: refusal.code };
    if (!this.#hasRoom(asked, refusal)) {
      this.#count(actor.id);
      log.info(facts, "refused, without an entry in the audit log: too many of this caller's were");
      return;
    }
    const unlisted = this.#unlisted.get(actor.id) ?? 0;
    this.#unlisted.delete(actor.id);
    try {
      await stores.audit.append({
        at: new Date(nowMs()).toISOString(),
        actor,
        action: "request.refused",
        customerId: onlyCustomer(access),
        subject: short(path),
        changes: [],
        refusal: { route: short(route), parameters: shortEach(parameters), code: refusal.code, message: short(refusal.message), unlisted },
      });
    } catch (error) {
      this.#count(actor.id, unlisted + 1);
      log.error({ ...facts, err: error }, "refused, and the audit log could not be written");
    }
  }

  #hasRoom({ actor, access }: AskedFor, { code }: Refusal): boolean {
    const ofCaller = code === "too-many-requests" ? this.#tooMany : this.#ofCaller;
    return ofCaller.take(actor.id) === 0 && this.#ofCustomer.take(quotaOf(access)) === 0;
  }

  #count(caller: string, more = 1): void {
    this.#unlisted.set(caller, (this.#unlisted.get(caller) ?? 0) + more);
    const [oldest] = this.#unlisted.keys();
    if (this.#unlisted.size > countedMax && oldest !== undefined) this.#unlisted.delete(oldest);
  }
}

function short(text: string): string {
  const most = limits.refusedPathCharactersMax;
  return text.length <= most ? text : `${text.slice(0, most)} and ${text.length - most} more characters`;
}

function shortEach(parameters: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, short(value)]));
}

/**
 * Whether a refusal says that somebody who is signed in has asked for what he may not have, or what a rule forbids. A request that makes no sense, one that somebody
 * else was faster than, and one that failed were no such attempts; tokens come from whoever is not signed in.
 */
const isAttempt: Readonly<Record<ApiErrorCode, boolean>> = {
  forbidden: true,
  "not-found": true,
  "name-taken": true,
  "witness-taken": true,
  "membership-change-pending": true,
  "api-key-limit": true,
  "user-limit": true,
  "user-exists": true,
  "last-owner": true,
  "confirmation-required": true,
  "still-in-use": true,
  "licence-required": true,
  "licence-limit": true,
  "licence-lapsed": true,
  "licence-entitlement": true,
  "licence-invalid": true,
  "licence-conflict": true,
  "trial-used": true,
  "node-limit": true,
  "certificate-invalid": true,
  "address-taken": true,
  "too-many-requests": true,
  "idempotency-key-reused": true,
  "subscription-pending": true,
  "invalid-request": false,
  "body-too-large": false,
  "version-conflict": false,
  "idempotency-in-progress": false,
  "idempotency-interrupted": false,
  "not-signed-in": false,
  "token-unknown": false,
  "token-used": false,
  "token-expired": false,
  internal: false,
  unavailable: false,
};
