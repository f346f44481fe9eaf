import type { Admission } from "../../../shared/domain/replication/admission.ts";
import type { ExchangeResult } from "../../../shared/domain/replication/exchange.ts";
import type { ExchangeEffect } from "../../../shared/domain/replication/exchange-effects.ts";
import type { ExchangeEvent } from "../../../shared/domain/replication/exchange-events.ts";
import type { ExchangeState } from "../../../shared/domain/replication/exchange-state.ts";
import type { VersionVector } from "../../../shared/domain/replication/replication-status.ts";
import type { SimulatedChange } from "./records.ts";
import type { Forgettable } from "./virtual-table.ts";

/** A bug planted around the production core, never in it: events altered before it sees them, effects that get lost, a disk that forgets. */
export interface Mutant {
  readonly name: string;
  /** What the bug is, in one sentence. */
  readonly bug: string;
  readonly beforeStep?: (state: ExchangeState, event: ExchangeEvent) => { readonly state: ExchangeState; readonly event: ExchangeEvent };
  readonly afterStep?: (result: ExchangeResult) => readonly ExchangeEffect[];
  /** Units are acknowledged when they have come, and written some time later. */
  readonly acknowledgesFirst?: true;
  /** What is committed is told before the disk has it. */
  readonly tellsUnsynced?: true;
  /** What is to become of a change that came, in place of the core's rule; undefined: as the rule says. */
  readonly admits?: (change: SimulatedChange, has: VersionVector) => Admission | undefined;
  /** What a change was made in knowledge of is not waited for. */
  readonly admitsEarly?: true;
  /** What others wrote is merged although some own writes are not taken in yet; those are not any more, either. */
  readonly mergesBeforeOwn?: true;
  /** Own writes count as sealed as far as they are taken in, in the middle of a transaction, too. */
  readonly sealsSlices?: true;
  /** A unit ends after so many log entries, whether or not a transaction does. */
  readonly endsUnitsAnywhere?: true;
  /** The vector moves on without the row. */
  readonly skipsRow?: (change: SimulatedChange) => boolean;
  /** As which a change is merged, in place of as it came. */
  readonly merges?: (change: SimulatedChange) => SimulatedChange;
  /** `drift`: what a repair replaces is not journalled. */
  readonly forgets?: Forgettable | "drift";
  /** Rows are held against each other without waiting for what the other had merged. */
  readonly judgesAtOnce?: true;
  /** Conflicts that somebody is to decide are let go with the log. */
  readonly prunesOpen?: true;
  /** The clock does not move on by what is applied. */
  readonly forgetsTime?: true;
  /** A machine that was started anew goes on with the numbers that its disk says. */
  readonly trustsItsDisk?: true;
  /** A write's time is what the machine's clock says, whatever the others' say. */
  readonly trustsItsClock?: true;
  /** What contradicts itself is not looked for. */
  readonly believes?: true;
  /** What only an old file has is not carried over into its fresh copy. */
  readonly carriesNothing?: true;
  /** A fresh copy is taken of whoever has not let go what this file has, or has: what is lost by that is not looked at. */
  readonly copiesAnybody?: true;
  /** What is kept beside the rows is let go with the log's oldest entries. */
  readonly forgetsVersions?: true;
  readonly capturesPrivate?: true;
  /** A copy for a joining node takes along what is local. */
  readonly copiesPrivate?: true;
}
