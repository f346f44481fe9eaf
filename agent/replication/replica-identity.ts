import { randomUUID } from "node:crypto";
import { uptime } from "node:os";
import type { ClusterId, NodeId } from "../../shared/domain/ids.ts";
import { nextIncarnation } from "../../shared/domain/replication/origin.ts";
import { beginIncarnation } from "./begin-incarnation.ts";
import { hasChangeLogTables, originNumber, readMeta, readVector, settleControl, writeMeta } from "./change-log-tables.ts";
import { madeAtMs, placeOf } from "./database-file.ts";
import { absorbOwnChanges } from "./sqlite-apply.ts";
import { type Capture, installCapture } from "./sqlite-capture.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";
import { DataSetRefused } from "./sqlite-problem.ts";
import type { DeclaredTables } from "./table-form.ts";
import { contextNumber } from "./write-context.ts";

/** Whose replica of what a file is, or is to be. */
export interface ReplicaIdentity extends DeclaredTables {
  readonly clusterId: ClusterId;
  readonly dataSet: string;
  readonly nodeId: NodeId;
  /** Of a data set that the agent itself keeps: what its file holds where it starts. Absent: the file is an application's. */
  readonly tables?: string | undefined;
  /** The machine's start: after another one the file may have lost its end with the power. Absent where nobody can tell. */
  readonly boot?: string | undefined;
}

/** True where the file is a replica of this data set already. Throws where it belongs to another cluster or data set. */
export function isInitialised(database: SqliteDatabase, { clusterId, dataSet }: ReplicaIdentity): boolean {
  if (!hasChangeLogTables(database)) return false;
  const owner = [readMeta(database, "cluster_id"), readMeta(database, "data_set")];
  if (owner[0] === clusterId && owner[1] === dataSet) return true;
  throw new DataSetRefused(
    `${database.path} is a replica of data set ${owner[1] ?? "?"} of cluster ${owner[0] ?? "?"}: move it away, or correct the path in this node's settings`,
  );
}

/** Makes the application's database the first replica of its data set: the source that all others copy. */
export function initialise(database: SqliteDatabase, identity: ReplicaIdentity): Capture {
  const capture = installCapture(database, identity, nextIncarnation(identity.nodeId, {}, Date.now()));
  database.write(() => writeIdentity(database, identity, randomUUID()));
  return capture;
}

/** Sets up capture on a replica. One that was copied from another node's disk, or from a snapshot, gets an origin of its own first. */
export function adopt(database: SqliteDatabase, identity: ReplicaIdentity): Capture {
  const capture = installCapture(database, identity, nextIncarnation(identity.nodeId, {}, Date.now()));
  if (readMeta(database, "node_id") === identity.nodeId) {
    resume(database, identity);
    return capture;
  }
  // Before this node writes in its own name, what the file's earlier owner wrote must count as foreign.
  const { schemaVersion } = absorbOwnChanges(database, capture);
  database.write(() => {
    const control = settleControl(database);
    database.run("UPDATE _understudy_origin SET seq = ? WHERE id = ?", control.seq, control.origin);
    const vector = readVector(database);
    const origin = originNumber(database, nextIncarnation(identity.nodeId, vector, Date.now()));
    database.run(
      "UPDATE _understudy_control SET origin = ?, seq = 0, sealed = 0, applying = 0, context = ?",
      origin,
      contextNumber(database, { vector }),
    );
    writeIdentity(database, identity, lineageOf(database));
  });
  return { ...capture, schemaVersion };
}

/** This node's own file again: what it wrote since the file was sealed counts anew where that may have been lost in between, or the file is a copy. */
function resume(database: SqliteDatabase, { nodeId, boot }: ReplicaIdentity): void {
  if (boot === undefined) return;
  const openedIn = readMeta(database, "boot");
  const place = placeOf(database.path, boot);
  if (openedIn === place) return;
  if (openedIn !== undefined) beginIncarnation(database, nodeId, Math.max(bootedAtMs(), madeAtMs(database.path)));
  database.write(() => writeMeta(database, "boot", place));
}

/** The agent itself has put these contents into the file: where they are a replica's, they are no copy that somebody made. */
export function settleIn(database: SqliteDatabase): void {
  const [boot] = (hasChangeLogTables(database) ? readMeta(database, "boot") : undefined)?.split(" ") ?? [];
  if (boot !== undefined) writeMeta(database, "boot", placeOf(database.path, boot));
}

function bootedAtMs(): number {
  return Math.ceil(Date.now() - uptime() * 1_000);
}

/** The data set's first initialisation: replicas of different ones never mix. */
export function lineageOf(database: SqliteDatabase): string {
  return readMeta(database, "lineage") ?? "";
}

function writeIdentity(database: SqliteDatabase, { clusterId, dataSet, nodeId, boot }: ReplicaIdentity, lineage: string): void {
  writeMeta(database, "cluster_id", clusterId);
  writeMeta(database, "data_set", dataSet);
  writeMeta(database, "node_id", nodeId);
  writeMeta(database, "lineage", lineage);
  if (boot !== undefined) writeMeta(database, "boot", placeOf(database.path, boot));
}
