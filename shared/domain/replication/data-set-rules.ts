import type { ClusterDocument, DataSet, OwnedDataSet } from "../membership/cluster-document.ts";
import type { DocumentProblem } from "../membership/document-problem.ts";

/** The agent keeps its file, and one node at a time writes it. */
export function isOwned(dataSet: DataSet): dataSet is OwnedDataSet {
  return dataSet.kind !== "sqlite";
}

/** A writer there can be only where the group is. */
export function dataSetProblems({ groups, dataSets }: ClusterDocument): readonly DocumentProblem[] {
  return dataSets.flatMap((dataSet, index) =>
    !isOwned(dataSet) || groups.some(({ name }) => name === dataSet.group)
      ? []
      : [
          {
            path: `dataSets.${index}.group`,
            message: `there is no group ${dataSet.group}: whoever holds the group is the data set's writer`,
          },
        ],
  );
}
