import type { MiddlewareHandler } from "hono";
import { limits } from "../../shared/config/limits.ts";
import type { KeyedRequest } from "../store/idempotency-store.ts";
import { secretHash } from "../store/table-keys.ts";
import { Refusal } from "../use-cases/refusal.ts";
import type { ApiDependencies, ApiEnv } from "./api-env.ts";
import { openAnswer, sealAnswer } from "./sealed-answer.ts";

export const idempotencyHeader = "idempotency-key";

/** Longer than any request is worked on: afterwards one without an answer was interrupted. */
const workedOnForMs = 60_000;

/**
 * A POST with an Idempotency-Key is carried out once: the same request again gets the same answer (and the header `idempotency-replayed`), another one
 * with the same key is refused. What failed with 5xx, or was interrupted, may have been carried out or not: its key is answered with
 * `idempotency-interrupted`, never carried out again. Keys are each caller's own and free again after a day.
 */
export function idempotency({ stores, nowMs }: ApiDependencies): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    const key = context.req.header(idempotencyHeader);
    // Who is not signed in enrols, which is idempotent by its token and certificate.
    const principal = context.get("principal") as ApiEnv["Variables"]["principal"] | undefined;
    if (context.req.method !== "POST" || key === undefined || principal === undefined) return next();
    if (!new RegExp(`^[\\x21-\\x7e]{1,${limits.idempotencyKeyCharactersMax}}$`).test(key)) throw badKey();

    const credential = context.get("credential");
    const keySha256 = secretHash(JSON.stringify([principal.kind, principal.id, key]));
    const startedAtMs = nowMs();
    const { pathname, search } = new URL(context.req.url);
    const request: KeyedRequest = {
      requestSha256: secretHash(JSON.stringify([pathname, search, await context.req.text()])),
      startedAtMs,
      expiresAtMs: startedAtMs + limits.idempotencyKeptMs,
    };
    const there = await stores.idempotency.begin(keySha256, request, startedAtMs);
    if (there !== "begun") {
      if (there.requestSha256 !== request.requestSha256) throw reused();
      const answer = there.answer === null ? null : openAnswer(there.answer, credential, key);
      if (answer === null) throw unanswered(there.answer !== null || startedAtMs - there.startedAtMs > workedOnForMs);
      if (answer.etag !== null) context.header("etag", answer.etag);
      context.header("idempotency-replayed", "true");
      return context.body(answer.body, answer.status as 200, { "content-type": "application/json" });
    }
    await next();
    const { res } = context;
    if (res.status >= 500) return;
    const answer = { status: res.status, etag: res.headers.get("etag"), body: await res.clone().text() };
    await stores.idempotency.finish(keySha256, sealAnswer(answer, credential, key));
  };
}

function badKey(): Refusal {
  const message = `Idempotency-Key has 1 to ${limits.idempotencyKeyCharactersMax} printable characters without spaces`;
  return new Refusal("invalid-request", message, "Send a new UUID for each request that is not a repetition.");
}

function reused(): Refusal {
  return new Refusal(
    "idempotency-key-reused",
    "another request was made with this Idempotency-Key",
    "Send each request with a key of its own.",
  );
}

function unanswered(interrupted: boolean): Refusal {
  return interrupted
    ? new Refusal(
        "idempotency-interrupted",
        "the request with this Idempotency-Key was interrupted, or was answered to another sign-in of yours: it may have been carried out",
        "Read what is there; where it is missing, send the request with a new key.",
      )
    : new Refusal("idempotency-in-progress", "the request with this Idempotency-Key is being carried out", "Try again in a moment.");
}
