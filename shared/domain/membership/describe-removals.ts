import type { ClusterDocument, DataSet, PriorityGroup } from "./cluster-document.ts";

/** What becomes of groups and data sets that a change of the document names no more, in sentences for people. */
export function describeRemovals(before: ClusterDocument, after: ClusterDocument): readonly string[] {
  return [...gone(before.groups, after.groups).map(groupSentence), ...gone(before.dataSets, after.dataSets).map(dataSetSentence)];
}

function gone<Part extends { readonly name: string }>(before: readonly Part[], after: readonly Part[]): readonly Part[] {
  const staying = new Set(after.map(({ name }) => name));
  return before.filter(({ name }) => !staying.has(name));
}

function groupSentence({ name, resources }: PriorityGroup): string {
  const what = resources.map(({ kind, name: resource }) => `${kind} ${resource}`).join(", ");
  const stops = what === "" ? "nothing ran with it" : `${what} stops where it runs, and nobody takes it over`;
  return `group ${name} is no more: ${stops}; give what it had to another group only once every node has taken that in`;
}

function dataSetSentence({ name, kind }: DataSet): string {
  const stays =
    kind === "shared"
      ? "each node stops looking whether its database answers"
      : "each node stops passing it on, and what it has of it stays on its disk";
  return `data set ${name} is no more: ${stays}`;
}
