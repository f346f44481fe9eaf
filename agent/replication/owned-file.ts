import { join } from "node:path";
import type { FileTree, OwnedDataSet, ReplicatedDataSet } from "../../shared/domain/membership/cluster-document.ts";
import { hasOneWriter } from "../../shared/domain/replication/data-set-rules.ts";
import { manifestTables } from "../files/manifest-tables.ts";
import { recordTables } from "../records/record-table.ts";
import { hasTables } from "./database-file.ts";
import { createOwnedDatabase } from "./owned-database.ts";
import type { Replica } from "./replica.ts";
import type { ReplicationSettings } from "./thread-messages.ts";

/** Each kind's tables: with a primary key, and no other unique value. Whoever holds the data set's group writes them (single-writer.ts). */
const tablesOf: Readonly<Record<(OwnedDataSet | FileTree)["kind"], string>> = {
  config: recordTables,
  state: recordTables,
  files: manifestTables,
};

/** The tables of a data set that the agent itself keeps; undefined where the application makes its own. */
export function ownTables(dataSet: ReplicatedDataSet): string | undefined {
  return hasOneWriter(dataSet) ? tablesOf[dataSet.kind] : undefined;
}

/** Beside the spool files, which come and go. */
export function ownedFolder(dataDir: string): string {
  return join(dataDir, "data-sets");
}

/** Where a data set's database lies on this node: the agent's own, or an application's. Undefined where the settings name no file, or no folder, for it. */
export function fileOf(
  dataSet: ReplicatedDataSet,
  { dataDir, dataSets }: Pick<ReplicationSettings, "dataDir" | "dataSets">,
): string | undefined {
  const path = dataSets[dataSet.name]?.path;
  if (dataSet.kind === "sqlite" || (dataSet.kind === "files" && path === undefined)) return path;
  return join(ownedFolder(dataDir), `${dataSet.name}.sqlite`);
}

/**
 * A database from which the data set can start stands at the path, now that no node has the data: the application's, or an empty one of the agent's own,
 * made here. Only the first of the ring makes one: of two that both find nobody, each would begin another.
 */
export function hasSource({ path, identity: { tables } }: Replica, isFirst: boolean): boolean {
  if (hasTables(path)) return true;
  if (tables === undefined || !isFirst) return false;
  createOwnedDatabase(path, tables);
  return true;
}

/** What a node waits for that found neither data nor a source. */
export function noSource({ path, identity: { tables } }: Replica): string {
  const source = tables === undefined ? "it comes from its application" : "the first node of the ring makes it";
  return `${path} does not exist yet (or has no tables), and no other node has the data: ${source}`;
}
