import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { DataSet, OwnedDataSet } from "../../shared/domain/membership/cluster-document.ts";
import { isOwned } from "../../shared/domain/replication/data-set-rules.ts";
import { recordTables } from "../records/record-table.ts";
import { hasTables } from "./database-file.ts";
import type { Replica } from "./replica.ts";
import type { ReplicationSettings } from "./thread-messages.ts";

/** Each kind's tables: with a primary key, and no other unique value. Whoever holds the data set's group writes them (single-writer.ts). */
const tablesOf: Readonly<Record<OwnedDataSet["kind"], string>> = { config: recordTables, state: recordTables };

/** The tables of a data set that the agent itself keeps; undefined where the application makes its own. */
export function ownTables(dataSet: DataSet): string | undefined {
  return isOwned(dataSet) ? tablesOf[dataSet.kind] : undefined;
}

/** Beside the spool files, which come and go. */
export function ownedFolder(dataDir: string): string {
  return join(dataDir, "data-sets");
}

/** Where a data set lies on this node. Undefined where the settings name no file for an application's. */
export function fileOf(dataSet: DataSet, { dataDir, dataSets }: Pick<ReplicationSettings, "dataDir" | "dataSets">): string | undefined {
  return isOwned(dataSet) ? join(ownedFolder(dataDir), `${dataSet.name}.sqlite`) : dataSets[dataSet.name]?.path;
}

/** A database from which the data set can start stands at the path, now that no node has the data: the application's, or an empty one of the agent's own, made here. */
export function hasSource({ path, identity: { tables } }: Replica): boolean {
  if (hasTables(path)) return true;
  if (tables === undefined) return false;
  const database = new DatabaseSync(path);
  try {
    database.exec(`PRAGMA journal_mode = WAL; BEGIN; ${tables}; COMMIT`);
  } finally {
    database.close();
  }
  return true;
}
