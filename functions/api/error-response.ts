import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { type ApiErrorBody, type ApiErrorCode, apiErrorStatus } from "../../shared/protocol/errors.ts";
import type { Log } from "../dependencies.ts";
import { OutsideScopeError, StoreUnavailableError } from "../store/store-error.ts";
import { outsideScope } from "../use-cases/access-refusal.ts";
import { Refusal } from "../use-cases/refusal.ts";
import type { ApiEnv } from "./api-env.ts";

/** The one place where what went wrong becomes a status and a body. What we did not foresee is logged whole and told as `internal`, without its inside. */
export function errorResponse(context: Context<ApiEnv>, error: unknown, log: Log): Response {
  const refusal = asRefusal(error);
  context.set("refused", refusal);
  const requestId = context.get("requestId");
  if (refusal.code === "internal" || refusal.code === "unavailable") log.error({ err: error, requestId }, "a request failed");
  if (error instanceof OutsideScopeError)
    log.error({ err: error, requestId }, "a request was let in, and only the store has kept it from another customer's");
  if (refusal.currentVersion !== undefined) context.header("etag", `"${refusal.currentVersion}"`);
  if (refusal.retryAfterSeconds !== undefined) context.header("retry-after", String(refusal.retryAfterSeconds));
  if (refusal.code === "not-signed-in") context.header("www-authenticate", "Bearer");
  const body: ApiErrorBody = {
    error: {
      code: refusal.code,
      message: refusal.message,
      nextStep: refusal.nextStep,
      ...(refusal.problems.length === 0 ? {} : { problems: refusal.problems.map((problem) => ({ ...problem })) }),
      requestId,
    },
  };
  return context.json(body, apiErrorStatus[refusal.code]);
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof StoreUnavailableError)
    return new Refusal("unavailable", "the control plane cannot reach its store just now", "Try again in a minute.");
  if (error instanceof OutsideScopeError) return outsideScope();
  if (error instanceof HTTPException && error.status === unsupportedMediaType)
    return new Refusal("invalid-request", "the body is of another kind than JSON", "Send it with `Content-Type: application/json`.");
  if (error instanceof HTTPException && error.status < 500)
    return new Refusal(codeFor(error.status), error.message, "Correct the request, and send it again.");
  return new Refusal("internal", "something went wrong inside the control plane", "Try again; if it happens again, report the requestId.");
}

const unsupportedMediaType = 415;

function codeFor(status: number): ApiErrorCode {
  return status === 413 ? "body-too-large" : "invalid-request";
}
