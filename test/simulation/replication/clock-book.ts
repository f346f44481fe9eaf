import { exchangeSettings } from "../../../shared/config/replication.ts";
import { wallMsOf } from "../../../shared/domain/replication/hybrid-clock.ts";
import type { SimulatedChange } from "./records.ts";

/** By how much a write's time may be later than the truth: the limit, what clocks that are right enough differ by, and a little for times that are counted on. */
const toleranceMs = exchangeSettings.clock.skewMsMax + 8_000 + 1_000;

/** When each write was made in truth: none may ever go out under a time of a clock that is wrong, by which it would win over later ones. */
export class ClockBook {
  /** In true wall time, by the row's value: no two have the same. */
  readonly #writtenAtMs = new Map<number, number>();

  wrote({ row }: SimulatedChange, trueWallMs: number): void {
    this.#writtenAtMs.set(row.value, trueWallMs);
  }

  /** By how much too late the time under which it goes out is; undefined where it is as true as a time can be. */
  lateness({ row, hlc }: SimulatedChange): number | undefined {
    const writtenAtMs = this.#writtenAtMs.get(row.value);
    if (row.key === "" || writtenAtMs === undefined) return undefined;
    const lateMs = wallMsOf(hlc) - writtenAtMs;
    return lateMs > toleranceMs ? Math.round(lateMs) : undefined;
  }
}
