import type { OriginId } from "../../../../shared/domain/ids.ts";
import type { Admitted } from "../../../../shared/domain/replication/admission.ts";
import type { VersionVector } from "../../../../shared/domain/replication/replication-status.ts";
import { covers } from "../../../../shared/domain/replication/version-vector.ts";

/** Each origin's writes in their order, and none before what it knows, mixed as `turns` says: positions in `origins`. */
export function mixedOrder<Write extends Admitted>(
  origins: readonly OriginId[],
  writes: readonly Write[],
  turns: readonly number[],
): readonly Write[] {
  const waiting = origins.map((origin) => writes.filter((one) => one.origin === origin).toSorted((one, other) => one.seq - other.seq));
  const come: Write[] = [];
  let has: VersionVector = {};
  for (const index of [...turns, ...writes.flatMap(() => origins.map((_, position) => position))]) {
    const [next] = waiting[index] ?? [];
    if (next === undefined || !covers({ ...has, [next.origin]: next.seq }, next.context)) continue;
    waiting[index]?.shift();
    has = { ...has, [next.origin]: next.seq };
    come.push(next);
  }
  return come;
}
