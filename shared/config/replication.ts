import type { ExchangeSettings } from "../domain/replication/exchange-settings.ts";
import { limits } from "./limits.ts";
import { failoverSettings } from "./timing.ts";

/** How often the exchange looks at its streams, its partner and what is due. */
export const exchangeTickMs = 100;

/** How a node compares its rows with the others' where its settings say nothing else. */
export const compareDefaults = { pauseSeconds: 30, rowsPerSecondMax: 2_000, repair: "automatic" } as const;

/** How much of its log a node keeps for members that are away, where its settings say nothing else. `ageMsMin`: longer than a new cluster document takes to be everywhere. */
export const logDefaults = { daysMax: 14, changesMax: 20_000_000, ageMsMin: 60_000 } as const;

/** How many own writes one transaction takes into account, which its application has to wait for. While it goes on writing it has the file for `rest` times as long as that took, before the next. */
export const ownIntake = { entriesMax: 2_000, rest: 3 } as const;

/** How many log entries a unit has at most, which whoever gets it applies in one transaction, where the log knows so many places at which one may end (unit-end.ts). */
export const unit = { entriesMax: 2_000 } as const;

export const exchangeSettings: ExchangeSettings = {
  redialMs: { first: 200, max: 2_000 },
  acknowledgeAfterMs: 5,
  signOfLifeMs: 1_000,
  askAgainAfterMs: 2_000,
  missingPatienceMs: 300,
  silentAfterMs: 5_000,
  lockedRetryMs: 20,
  lockedPatienceMs: 1_500,
  schemaRetriesMax: 10,
  holdMs: 1_000,
  meetAllWithinMs: 10_000,
  startPatienceMs: failoverSettings.startPatienceMs,
  sealEveryMs: 10_000,
  sealAfterChanges: 1_000,
  pruneEveryMs: 2_000,
  removalPatienceMs: 5_000,
  tellOpenEveryMs: 60_000,
  uncoveredPatienceMs: 6_000,
  clock: { skewMsMax: 15_000, alignedForMs: 60_000 },
  ageMsMax: 30_000,
  inFlightBytesMax: limits.replicationInFlightBytesMax,
};
