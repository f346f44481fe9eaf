import { wallMsOf } from "../../../shared/domain/replication/hybrid-clock.ts";
import { beyondLimits, type LogLimits } from "../../../shared/domain/replication/log-limits.ts";
import type { VersionVector } from "../../../shared/domain/replication/replication-status.ts";
import { joined } from "../../../shared/domain/replication/version-vector.ts";
import { isSettled } from "./log-retention.ts";
import { forgetCommitPoints } from "./virtual-commit-points.ts";
import type { VirtualFile } from "./virtual-file.ts";

/** The number up to which entries of this file's log, which ends at `last`, are beyond the limits; 0 where none is. */
export function beyondLimitsIn(file: VirtualFile, last: number, limits: LogLimits, wallMs: number): number {
  const numbers = [...file.entries("log")].map(([n]) => Number(n));
  if (numbers.length === 0) return 0;
  const writtenMsFrom = (from: number): number | undefined => {
    const hlc = file.get("log", String(Math.min(...numbers.filter((n) => n >= from))))?.hlc;
    return hlc === undefined ? undefined : wallMsOf(hlc);
  };
  return beyondLimits(limits, { first: Math.min(...numbers), last, writtenMsFrom }, wallMs);
}

/** Inside a transaction: lets go the entries up to `upTo` that `spare` covers. Returns what went. */
export function letGoUpTo(file: VirtualFile, spare: VersionVector, upTo: number): VersionVector {
  const gone = [...file.entries("log")].filter(([n, change]) => Number(n) <= upTo && isSettled(spare, change));
  for (const [n] of gone) file.set("log", n, undefined);
  forgetCommitPoints(file);
  return gone.reduce<VersionVector>((all, [, { origin, seq }]) => joined(all, { [origin]: seq }), {});
}
