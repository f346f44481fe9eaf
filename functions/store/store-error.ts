/**
 * The store did not answer, or answered with something that no caller expects. Every port may reject with it and with nothing else; what a caller
 * does expect (a lost race, a missing item) is part of the method's result. Whoever called may repeat the call: every method is idempotent
 * or conditional.
 */
export class StoreUnavailableError extends Error {
  override readonly name = "StoreUnavailableError";

  constructor(operation: string, cause: unknown) {
    super(`the store failed at ${operation}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Somebody who is limited to some customers has asked for what is another's, past the check that should have refused it: a fault of ours, which did no harm. */
export class OutsideScopeError extends Error {
  override readonly name = "OutsideScopeError";

  constructor(operation: string) {
    super(`${operation} was asked for what lies outside the caller's customers`);
  }
}
