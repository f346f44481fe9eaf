/** How often a delivery is tried. Times in milliseconds. */
export interface RetrySettings {
  /** The first attempt included. After the last one the delivery is a dead letter. */
  readonly attemptsMax: number;
  /** Wait after the first failure; each further one waits twice as long. */
  readonly firstDelayMs: number;
  readonly delayMsMax: number;
}

/** About eight hours; a subscriber that comes back gets what waits for it within a minute. */
export const defaultRetry: RetrySettings = { attemptsMax: 500, firstDelayMs: 1_000, delayMsMax: 60_000 };

/**
 * Wait before the next attempt after `failures` failed ones, or null where that was the last. `chance` in [0, 1) spreads
 * the wait over its upper half, so that many subscribers are not asked at once after an outage.
 */
export function retryDelayMs(settings: RetrySettings, failures: number, chance: number): number | null {
  if (failures >= settings.attemptsMax) return null;
  const waitMs = Math.min(settings.delayMsMax, settings.firstDelayMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(waitMs * (0.5 + chance / 2));
}
