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

/** All of them, or one refusal with all that they refuse; whatever else is thrown is thrown as it is. */
export async function allOrRefuse<const Results extends readonly unknown[]>(
  wanted: {
    readonly [At in keyof Results]: Promise<Results[At]>;
  },
): Promise<Results> {
  const settled = await Promise.allSettled(wanted);
  const reasons: readonly unknown[] = settled.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  if (reasons.length === 0) return Promise.all(wanted);
  const fault = reasons.find((reason) => !(reason instanceof Refusal));
  throw fault ?? joined(reasons.filter((reason) => reason instanceof Refusal));
}

/** Under the code of the first. */
function joined(refusals: readonly Refusal[]): Refusal | undefined {
  const [first, ...more] = refusals;
  if (first === undefined || more.length === 0) return first;
  const message = refusals.map((refusal) => refusal.message).join("; and ");
  const nextStep = refusals.map((refusal) => refusal.nextStep).join(" ");
  return new Refusal(first.code, message, nextStep, { problems: refusals.flatMap(({ problems }) => problems), cause: first });
}
