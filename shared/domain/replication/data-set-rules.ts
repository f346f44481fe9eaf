import type { ClusterDocument, DataSet, FileTree, OwnedDataSet } from "../membership/cluster-document.ts";
import type { DocumentProblem } from "../membership/document-problem.ts";

/** Records that the agent keeps in a file of its own, and one node at a time writes. */
export function isOwned(dataSet: DataSet): dataSet is OwnedDataSet {
  return dataSet.kind === "config" || dataSet.kind === "state";
}

/** Whoever holds its group writes it; the database that is replicated is the agent's own. */
export function hasOneWriter(dataSet: DataSet): dataSet is OwnedDataSet | FileTree {
  return dataSet.kind !== "sqlite";
}

/** A writer there can be only where the group is. */
export function dataSetProblems({ groups, dataSets }: ClusterDocument): readonly DocumentProblem[] {
  return dataSets.flatMap((dataSet, index) =>
    !hasOneWriter(dataSet) || groups.some(({ name }) => name === dataSet.group)
      ? []
      : [
          {
            path: `dataSets.${index}.group`,
            message: `there is no group ${dataSet.group}: whoever holds the group is the data set's writer`,
          },
        ],
  );
}
