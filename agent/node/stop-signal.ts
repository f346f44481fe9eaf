/** A terminal and whatever stands between may each pass the same Ctrl-C on: what comes this soon is no second wish. */
const sameWishMs = 1_000;

/** Resolves with the signal's name when somebody asks the process to end; asked again later it ends at once, and its guardian tidies up. */
export function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    let askedMs: number | null = null;
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.on(signal, () => {
        if (askedMs !== null && performance.now() - askedMs > sameWishMs) process.exit(1);
        askedMs ??= performance.now();
        resolve(signal);
      });
    }
  });
}
