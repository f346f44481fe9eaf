import { logDefaults } from "../../shared/config/replication.ts";
import type { LogLimits } from "../../shared/domain/replication/log-limits.ts";

const dayMs = 86_400_000;

/** As a node's settings say; the least age is not among them, and is there for tests, which have not so much time. */
export interface LogSettings {
  readonly logDaysMax?: number | undefined;
  readonly logChangesMax?: number | undefined;
  readonly logAgeMsMin?: number | undefined;
}

export function logLimits({
  logDaysMax = logDefaults.daysMax,
  logChangesMax = logDefaults.changesMax,
  logAgeMsMin = logDefaults.ageMsMin,
}: LogSettings): LogLimits {
  return { changesMax: logChangesMax, ageMsMax: logDaysMax * dayMs, ageMsMin: logAgeMsMin };
}
