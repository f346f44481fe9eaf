import type { NodeId } from "../ids.ts";
import type { RowVersion } from "./change.ts";
import { compareVersions } from "./merge-rule.ts";

/** What one replica shows in the place of a row that has drifted, and what its own log says about that. */
export interface RowVote {
  readonly node: NodeId;
  /** Digest of the row; null where there is none. */
  readonly digest: string | null;
  /** The row's newest write, where the log still has it, and whether the row is what that write made it. */
  readonly write: { readonly version: RowVersion; readonly agrees: boolean } | null;
}

export interface RightRow {
  readonly digest: string | null;
  /** Why: a log says so, most replicas show it, or the first in ring order does. */
  readonly by: "log" | "majority" | "order";
}

/**
 * Which of the rows is right, the same for everybody who has heard the same votes. A log that still has the row's newest write proves what the row must be. A
 * row that contradicts its own log is wrong, whoever else shows it. Else what most replicas show is right, since what changes a row beneath capture (a bad
 * disk, a program that has dropped the triggers) strikes one of them; and where that is even, what the earliest of them in ring order shows, so that all agree.
 * Undefined without votes.
 */
export function rightRow(votes: readonly RowVote[], order: readonly NodeId[]): RightRow | undefined {
  const newest = votes
    .flatMap(({ write }) => (write === null ? [] : [write.version]))
    .toSorted(compareVersions)
    .at(-1);
  if (newest !== undefined) {
    const proven = votes.find(({ write }) => write?.agrees === true && compareVersions(write.version, newest) === 0);
    if (proven !== undefined) return { digest: proven.digest, by: "log" };
  }
  const sound = votes.filter(({ write }) => write?.agrees !== false);
  const counted = sound.length === 0 ? votes : sound;
  const inOrder = counted.toSorted((one, other) => order.indexOf(one.node) - order.indexOf(other.node));
  const shares = [...Map.groupBy(inOrder, ({ digest }) => digest)].map(([digest, { length }]) => ({ digest, length }));
  const most = Math.max(...shares.map(({ length }) => length));
  const [first, ...even] = shares.filter(({ length }) => length === most);
  if (first === undefined) return undefined;
  return { digest: first.digest, by: even.length === 0 ? "majority" : "order" };
}
