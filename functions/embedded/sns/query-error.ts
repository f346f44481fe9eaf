/** Codes that the endpoint answers, as SNS names them, with the HTTP status of each. The SDK turns a code into its exception class. */
const statusOf = {
  InvalidParameter: 400,
  InvalidAction: 400,
  MalformedQueryString: 400,
  IncompleteSignature: 400,
  EmptyBatchRequest: 400,
  TooManyEntriesInBatchRequest: 400,
  BatchEntryIdsNotDistinct: 400,
  BatchRequestTooLong: 400,
  InvalidBatchEntryId: 400,
  MissingAuthenticationToken: 403,
  InvalidClientTokenId: 403,
  SignatureDoesNotMatch: 403,
  AuthorizationError: 403,
  FilterPolicyLimitExceeded: 403,
  SubscriptionLimitExceeded: 403,
  TopicLimitExceeded: 403,
  NotFound: 404,
  InternalError: 500,
} as const;

export type QueryErrorCode = keyof typeof statusOf;

/** A refusal that the caller reads: answered as XML, never logged as our own failure. */
export class QueryError extends Error {
  override readonly name = "QueryError";
  readonly code: QueryErrorCode;

  constructor(code: QueryErrorCode, message: string) {
    super(message);
    this.code = code;
  }

  get status(): number {
    return statusOf[this.code];
  }
}

/** The most frequent refusal, in the words that SNS uses for it. */
export function invalidParameter(name: string, reason: string): QueryError {
  return new QueryError("InvalidParameter", `Invalid parameter: ${name} Reason: ${reason}`);
}
