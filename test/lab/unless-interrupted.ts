/** As the work itself, but rejects with the signal's reason when that comes first: whoever waits may then remove what the work stands on. */
export async function unlessInterrupted<Result>(work: Promise<Result>, interrupted: AbortSignal | undefined): Promise<Result> {
  if (interrupted === undefined) return work;
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(interrupted.reason as Error);
  if (interrupted.aborted) onAbort();
  interrupted.addEventListener("abort", onAbort);
  try {
    return await Promise.race([work, promise]);
  } finally {
    interrupted.removeEventListener("abort", onAbort);
  }
}

/** A signal that Ctrl-C and SIGTERM abort. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => controller.abort(new Error("interrupted")));
  return controller.signal;
}
