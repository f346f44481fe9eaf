import type { NodeId } from "../../shared/domain/ids.ts";
import type { DataSetStatus, SyncPartner, VersionVector } from "../../shared/domain/replication/replication-status.ts";
import type { RingReport } from "../../shared/domain/replication/ring-report.ts";
import { joined, missingFrom } from "../../shared/domain/replication/version-vector.ts";
import type { GivenStanding } from "../../shared/domain/replication/withholding.ts";
import type { FilePosition } from "./file-position.ts";
import type { Replica } from "./replica.ts";
import type { ReplicaStanding } from "./replica-standing.ts";
import { withheldProblem } from "./withheld-problem.ts";

/** What a replica tells of itself; `measure`: how many of its own changes none of these vectors has. */
export function replicaStatus(
  { name, known, progress }: Pick<Replica, "name" | "known" | "progress">,
  { phase, problem, following }: ReplicaStanding,
  { vector, openConflicts }: FilePosition,
  members: readonly NodeId[],
  measure: (others: readonly VersionVector[]) => DataSetStatus["unacknowledged"],
): Omit<DataSetStatus, "syncingWith"> {
  return {
    name,
    phase,
    vector,
    ...(progress === undefined ? {} : { progress }),
    unacknowledged: measure(members.map((member) => known[member] ?? {})),
    behind: missingFrom(vector, Object.values(known).reduce(joined, {})),
    ...(following && openConflicts > 0 ? { openConflicts } : {}),
    ...(problem === undefined ? {} : { problem: problem.slice(0, 1_000) }),
  };
}

/** With what the ring and the comparisons say of it. What stands in the way of the replica itself comes first, then its clock, then a drift. */
export function withRing(
  own: Omit<DataSetStatus, "syncingWith">,
  about: {
    readonly syncingWith: SyncPartner | undefined;
    readonly given: GivenStanding | null;
    readonly clock: RingReport["clock"] | undefined;
    readonly drift: string | undefined;
  },
): DataSetStatus {
  const { syncingWith, given, clock, drift } = about;
  const withheld = given?.withheld ?? 0;
  const beside = own.phase === "following" ? (withheldProblem(withheld, clock) ?? drift?.slice(0, 1_000)) : undefined;
  const problem = own.problem ?? beside;
  return {
    ...own,
    // Whoever lacks what is kept back is not behind: it may take a group all the same.
    ...(given === null || withheld === 0 ? {} : { vector: given.vector }),
    behind: Math.max(0, own.behind - (given?.keptElsewhere ?? 0)),
    ...(withheld === 0 ? {} : { withheld }),
    ...(syncingWith === undefined ? {} : { syncingWith }),
    ...(problem === undefined ? {} : { problem }),
  };
}
