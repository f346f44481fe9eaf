import type { NodeId } from "../../shared/domain/ids.ts";
import type { ReplicatedDataSet } from "../../shared/domain/membership/cluster-document.ts";
import type { LocalPart } from "../../shared/domain/replication/local-parts.ts";
import type { DataSetStatus } from "../../shared/domain/replication/replication-status.ts";
import { joined, missingFrom, seqIn } from "../../shared/domain/replication/version-vector.ts";
import type { Replica } from "./replica.ts";

/** A data set of this node whose file is an application's, whether it takes part in it or not. */
export interface KnownDataSet {
  readonly name: string;
  readonly path: string;
  readonly local: readonly LocalPart[];
  /** Its replica follows the others. */
  readonly following: boolean;
  /** Changes in it that no other node has. */
  readonly unacknowledged: number;
  /** The number of this node's own last change among them all. */
  readonly seq: number;
}

/** `others`: the cluster's other members. */
export function knownDataSet(
  { name, local }: ReplicatedDataSet,
  path: string,
  replica: Replica | undefined,
  others: readonly NodeId[],
): KnownDataSet {
  const known = { name, path, local };
  if (replica === undefined) return { ...known, following: false, unacknowledged: 0, seq: 0 };
  const { following, vector, origin } = replica.view;
  const elsewhere = others.map((node) => replica.known[node] ?? {}).reduce(joined, {});
  return { ...known, following, unacknowledged: missingFrom(elsewhere, vector), seq: origin === null ? 0 : seqIn(vector, origin) };
}

/** Of a data set in which this node takes no part: its join was undone, or nobody has said where its file is. */
export function outsideStatus(name: string, undoneAt: string | undefined): DataSetStatus {
  const nothing = { name, vector: {}, unacknowledged: { changes: 0, oldestAgeMs: 0 }, behind: 0 };
  if (undoneAt !== undefined) {
    const problem = `the join of data set ${name} was undone here at ${undoneAt}, and this node takes no part in it: understudy agent data rejoin`;
    return { ...nothing, phase: "refused", problem };
  }
  return {
    ...nothing,
    phase: "waiting-for-database",
    problem: `this node's settings name no file for data set ${name}: add it under dataSets, and start the agent again`,
  };
}
