import type { OriginId } from "../../shared/domain/ids.ts";
import type { ExchangeEffect } from "../../shared/domain/replication/exchange-effects.ts";
import type { ExchangeEvent } from "../../shared/domain/replication/exchange-events.ts";
import type { FrameOf } from "../../shared/protocol/replication-frames.ts";
import type { LoggedChange } from "./change-log.ts";
import { packChanges } from "./incoming-unit.ts";
import type { Replica } from "./replica.ts";
import { isLocked } from "./sqlite-problem.ts";

interface Reading {
  readonly number: number;
  readonly changes: readonly LoggedChange[];
}

/** What was read of the logs last for each peer and data set, until it is sent. */
export class LogReadings {
  readonly #readings = new Map<string, Reading>();

  read(effect: Extract<ExchangeEffect, { type: "read" }>, replica: Replica): ExchangeEvent {
    const { peer, dataSet, reading } = effect;
    // The next look at the file sees to it.
    if (!replica.isTellable) return { type: "read-failed", peer, dataSet, problem: { kind: "locked" } };
    try {
      const { changes, readTo, unitEnd } = replica.read(effect);
      this.#readings.set(`${peer} ${dataSet}`, { number: reading, changes });
      const bytes = changes.reduce((sum, { row }) => sum + row.length + 64, 0);
      return { type: "read", peer, dataSet, reading, upTo: readTo, unitEnd, brings: highestOf(changes), bytes };
    } catch (error) {
      if (isLocked(error)) return { type: "read-failed", peer, dataSet, problem: { kind: "locked" } };
      replica.fail(error);
      return { type: "read-failed", peer, dataSet, problem: { kind: "other" } };
    }
  }

  /** The frame of what this reading has found; each reading is sent once. */
  take({ peer, dataSet, reading, schema, final }: Extract<ExchangeEffect, { type: "send-changes" }>): FrameOf<"changes"> {
    const found = this.#readings.get(`${peer} ${dataSet}`);
    if (found?.number !== reading) throw new Error(`reading ${reading} of data set ${dataSet} for ${peer} is not there any more`);
    this.#readings.delete(`${peer} ${dataSet}`);
    return packChanges({ dataSet, schema }, found.changes, final);
  }
}

/** The highest number of each origin among these. */
export function highestOf(changes: Iterable<{ readonly origin: OriginId; readonly seq: number }>): Record<OriginId, number> {
  const highest: Record<OriginId, number> = {};
  for (const { origin, seq } of changes) highest[origin] = Math.max(highest[origin] ?? 0, seq);
  return highest;
}
