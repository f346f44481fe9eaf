import { NotifierError } from "../notify/notifier.ts";
import { Refusal } from "./refusal.ts";

/** What the notifier cannot do becomes a refusal that says what the caller can. */
export async function refusing<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof NotifierError)) throw cause;
    if (cause.code === "subscription-pending") {
      throw new Refusal("subscription-pending", cause.message, "Confirm it first, or leave it: it lapses by itself after three days.", {
        cause,
      });
    }
    if (cause.retryable)
      throw new Refusal("unavailable", `the alert service cannot be reached just now: ${cause.message}`, "Try again in a minute.", {
        cause,
      });
    throw new Refusal("invalid-request", cause.message, "Correct the endpoint, and subscribe again.", { cause });
  }
}
