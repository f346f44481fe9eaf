/** Why the embedded cloud did not start, for the person who started it: the cause and what to do about it. Anything else thrown is a fault of ours. */
export class StartError extends Error {
  override readonly name = "StartError";

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
  }
}
