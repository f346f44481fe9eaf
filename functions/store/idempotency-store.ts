/** A request that was made with an idempotency key. */
export interface KeyedRequest {
  readonly requestSha256: string;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  /** From then on the key is free again. */
  readonly expiresAtMs: number;
}

/** Which requests with an idempotency key were made, and what they were answered. Rejects with `StoreUnavailableError` only. */
export interface IdempotencyStore {
  /** Of any number of callers with one key exactly one begins; the others are told what is there, with its answer once there is one. */
  begin(keySha256: string, request: KeyedRequest, nowMs: number): Promise<"begun" | (KeyedRequest & { readonly answer: string | null })>;
  finish(keySha256: string, answer: string): Promise<void>;
}
