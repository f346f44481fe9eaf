import type {
  ApplicationDatabase,
  ClusterDocument,
  DataSet,
  FileTree,
  OwnedDataSet,
  PriorityGroup,
  ReplicatedDataSet,
} from "../membership/cluster-document.ts";
import type { DocumentProblem } from "../membership/document-problem.ts";
import { localPartProblems, localTables } from "./local-parts.ts";

/** Records that the agent keeps in a file of its own, and one node at a time writes. */
export function isOwned(dataSet: DataSet): dataSet is OwnedDataSet {
  return dataSet.kind === "config" || dataSet.kind === "state";
}

/** Whoever holds its group writes it; the database that is replicated is the agent's own. */
export function hasOneWriter(dataSet: DataSet): dataSet is OwnedDataSet | FileTree {
  return isOwned(dataSet) || dataSet.kind === "files";
}

/** Those that every node has a replica of: a node's fitness, a switchover and the ring are about them alone. */
export function replicatedIn({ dataSets }: Pick<ClusterDocument, "dataSets">): readonly ReplicatedDataSet[] {
  return dataSets.filter((dataSet) => dataSet.kind !== "shared");
}

/** The narrowest limit that any of them declares for how far clocks may differ; undefined: none does. */
export function skewMsMaxOf(dataSets: readonly DataSet[]): number | undefined {
  const declared = dataSets.flatMap((dataSet) => (dataSet.kind === "sqlite" ? (dataSet.clock?.skewMsMax ?? []) : []));
  return declared.length === 0 ? undefined : Math.min(...declared);
}

/** Where there is one writer its epoch orders what is written, and no clock. */
export function whenSkewedOf(dataSet: DataSet): "inhibit" | "hlc" {
  return dataSet.kind === "sqlite" ? (dataSet.clock?.whenSkewed ?? "inhibit") : "hlc";
}

export function dataSetProblems({ groups, dataSets }: ClusterDocument): readonly DocumentProblem[] {
  return dataSets.flatMap((dataSet, index) => {
    const path = `dataSets.${index}`;
    if (dataSet.kind === "sqlite") return [...localProblems(path, dataSet), ...conflictProblems(path, dataSet)];
    return hasOneWriter(dataSet) ? groupProblems(path, dataSet, groups) : [];
  });
}

/** A writer there can be only where the group is. */
function groupProblems(path: string, { group }: OwnedDataSet | FileTree, groups: readonly PriorityGroup[]): readonly DocumentProblem[] {
  if (groups.some(({ name }) => name === group)) return [];
  return [{ path: `${path}.group`, message: `there is no group ${group}: whoever holds the group is the data set's writer` }];
}

function localProblems(path: string, { local }: ApplicationDatabase): readonly DocumentProblem[] {
  return localPartProblems(local).map(({ index, message }) => ({ path: `${path}.local.${index}`, message }));
}

/** Of each table one policy, where it is replicated at all. A node in an order may have left the cluster. */
function conflictProblems(path: string, { local, conflicts = [] }: ApplicationDatabase): readonly DocumentProblem[] {
  const isLocal = localTables(local);
  const before = new Set<string>();
  return conflicts.flatMap((declared, index) => {
    const table = declared.table.toLowerCase();
    const isSecond = before.has(table);
    before.add(table);
    const problems: string[] = [];
    if (isSecond) problems.push(`table ${declared.table} has a policy already: SQLite's names of tables know no case`);
    if (isLocal.has(table)) problems.push(`table ${declared.table} is local: nobody else writes its rows`);
    if (declared.policy === "priority" && new Set(declared.order).size < declared.order.length)
      problems.push("a node stands in the order twice");
    return problems.map((message) => ({ path: `${path}.conflicts.${index}`, message }));
  });
}
