import { exchangeSettings } from "../../../shared/config/replication.ts";
import { isClockKnown } from "../../../shared/domain/replication/clock-state.ts";
import { isAhead, timeReference } from "../../../shared/domain/replication/retiming.ts";
import { isClockDoubted } from "../../../shared/domain/replication/withholding.ts";
import type { Machine } from "./machine.ts";

/** What a clock in doubt has dated nobody takes a copy of. A donor that knows no clock yet holds its own against the joiner's. */
export function isTimely(donor: Machine, joiner: Machine): boolean {
  if (donor.agent === undefined || donor.replica === undefined || isClockDoubted(donor.agent.state)) return false;
  if (isClockKnown(donor.agent.state.clocks)) return donor.replica.times.need === "none";
  const { skewMsMax } = exchangeSettings.clock;
  const { hlc, n, absorbed } = donor.replica.control;
  const isOwnTimely = n <= absorbed || !isAhead(hlc, timeReference(donor.wallMs, donor.wallMs, skewMsMax, false));
  return isOwnTimely && Math.abs(donor.wallMs - joiner.wallMs) < skewMsMax;
}
