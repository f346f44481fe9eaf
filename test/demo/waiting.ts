import { patience } from "../setup/patience.ts";

/** Asks again and again until there is an answer; an error that says what was waited for, and the last reason, when the time is up. */
export async function waitFor<T>(
  what: string,
  timeoutMs: number,
  ask: () => Promise<T | undefined> | T | undefined,
  everyMs = 50,
): Promise<T> {
  const patienceMs = timeoutMs * patience;
  const end = performance.now() + patienceMs;
  let lastReason = "";
  while (performance.now() < end) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      lastReason = `; last: ${error instanceof Error ? error.message : String(error)}`;
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  throw new Error(`waited ${Math.round(patienceMs / 1_000)} s for ${what}${lastReason}`);
}
