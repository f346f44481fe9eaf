import type { ApiErrorCode } from "../../shared/protocol/errors.ts";

export interface Problem {
  readonly path: string;
  readonly message: string;
}

/** A use case says no: with a code of the closed list, the cause, and what the reader can do about it. Anything else that is thrown is a fault of ours. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: ApiErrorCode;
  readonly nextStep: string;
  readonly problems: readonly Problem[];
  /** With `version-conflict`: the version that is there now. */
  readonly currentVersion: number | undefined;
  /** With `too-many-requests`: when to come again. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ApiErrorCode,
    message: string,
    nextStep: string,
    more: {
      readonly problems?: readonly Problem[];
      readonly currentVersion?: number;
      readonly retryAfterSeconds?: number;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.nextStep = nextStep;
    this.problems = more.problems ?? [];
    this.currentVersion = more.currentVersion;
    this.retryAfterSeconds = more.retryAfterSeconds;
  }
}
