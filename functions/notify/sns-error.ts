import { SNSServiceException } from "@aws-sdk/client-sns";
import { NotifierError, type NotifierErrorCode } from "./notifier.ts";

const throttled: ReadonlySet<string> = new Set([
  "Throttling",
  "ThrottlingException",
  "ThrottledException",
  "TooManyRequestsException",
  "KMSThrottling",
]);

/** The one place where an SDK error becomes ours. `what` completes "could not". */
export async function translated<Answer>(what: string, answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new NotifierError(codeOf(error), `could not ${what}: ${reason}`, error);
  }
}

/** What is no answer of SNS (no connection, time-out, no credentials at hand yet) may pass. */
function codeOf(error: unknown): NotifierErrorCode {
  if (!(error instanceof SNSServiceException)) return "unavailable";
  if (throttled.has(error.name) || error.$metadata.httpStatusCode === 429) return "throttled";
  if (error.$fault === "server" || (error.$metadata.httpStatusCode ?? 500) >= 500) return "unavailable";
  return error.name === "NotFoundException" || error.name === "ResourceNotFoundException" ? "not-found" : "refused";
}
