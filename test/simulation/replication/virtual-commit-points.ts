import { type CommitPoints, isWorthKeeping } from "../../../shared/domain/replication/unit-end.ts";
import type { VirtualFile } from "./virtual-file.ts";

/** As commit-points.ts of the agent keeps them in a table. */
export function commitPointsIn(file: VirtualFile): CommitPoints {
  const points = [...file.entries("commitPoint")].map(([n]) => Number(n)).toSorted((one, other) => one - other);
  return {
    lastIn: (after, upTo) => points.findLast((n) => n > after && n <= upTo),
    firstAfter: (after) => points.find((n) => n > after),
  };
}

/** Inside a transaction. */
export function noteCommitPoint(file: VirtualFile, n: number, unitEntriesMax: number): void {
  const last = Math.max(0, ...[...file.entries("commitPoint")].map(([at]) => Number(at)));
  if (isWorthKeeping(n, last, unitEntriesMax)) file.set("commitPoint", String(n), true);
}

/** Inside the transaction that has let log entries go. */
export function forgetCommitPoints(file: VirtualFile): void {
  const first = Math.min(...[...file.entries("log")].map(([n]) => Number(n)));
  for (const [n] of file.entries("commitPoint")) if (Number(n) < first) file.set("commitPoint", n, undefined);
}
