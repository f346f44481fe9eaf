import type { GroupName, NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument, OwnedDataSet } from "../../shared/domain/membership/cluster-document.ts";
import { isOwned } from "../../shared/domain/replication/data-set-rules.ts";
import type { Tenure } from "../../shared/domain/replication/tenure.ts";

/** A node as it is told to whoever has to go there. */
export interface NamedNode {
  readonly nodeId: NodeId;
  readonly name: string;
  readonly host: string;
}

export interface DataSetWriterOptions {
  readonly document: () => ClusterDocument;
  /** What this node's own lease of a group is; null where it has none. */
  readonly tenureOf: (group: GroupName) => Tenure | null;
  /** Who holds a group, as far as this node knows. */
  readonly holderOf: (group: GroupName) => NodeId | null;
}

/** Who may write the data sets that agents keep: whoever holds the lease of the data set's group. */
export class DataSetWriter {
  readonly #options: DataSetWriterOptions;

  constructor(options: DataSetWriterOptions) {
    this.#options = options;
  }

  get dataSets(): readonly OwnedDataSet[] {
    return this.#options.document().dataSets.filter(isOwned);
  }

  named(name: string): OwnedDataSet | undefined {
    return this.dataSets.find((dataSet) => dataSet.name === name);
  }

  /** Null where this node is not the writer. */
  tenureFor({ group }: OwnedDataSet): Tenure | null {
    return this.#options.tenureOf(group);
  }

  /** Null where nobody is, as far as this node knows. */
  writerOf({ group }: OwnedDataSet): NamedNode | null {
    const holder = this.#options.holderOf(group);
    return holder === null ? null : (this.nodes([holder])[0] ?? null);
  }

  nodes(nodeIds: readonly NodeId[]): NamedNode[] {
    const { nodes } = this.#options.document();
    return nodeIds.flatMap((nodeId) =>
      nodes.filter((node) => node.nodeId === nodeId).map(({ name, host }): NamedNode => ({ nodeId, name, host })),
    );
  }
}
