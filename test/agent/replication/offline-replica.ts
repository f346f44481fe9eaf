import { copyFileSync } from "node:fs";
import { type LoggedChange, pruneLog, readLog } from "../../../agent/replication/change-log.ts";
import { readControl, readVector } from "../../../agent/replication/change-log-tables.ts";
import { adopt, initialise, type ReplicaIdentity } from "../../../agent/replication/replica-identity.ts";
import { type Applied, applyChanges, type OwnWrites } from "../../../agent/replication/sqlite-apply.ts";
import { type Capture, contestedTables, installCapture, schemaVersion } from "../../../agent/replication/sqlite-capture.ts";
import { SqliteDatabase } from "../../../agent/replication/sqlite-database.ts";
import type { DeclaredTables } from "../../../agent/replication/table-form.ts";
import type { ClusterId, NodeId, OriginId } from "../../../shared/domain/ids.ts";
import type { TableConflicts } from "../../../shared/domain/replication/conflict-policy.ts";
import type { LocalPart } from "../../../shared/domain/replication/local-parts.ts";
import type { VersionVector } from "../../../shared/domain/replication/replication-status.ts";
import { stablePart } from "../../../shared/domain/replication/version-vector.ts";

/** Capture and apply on a real file, without network and thread: what the thread would do, called by hand. */
export class OfflineReplica implements Disposable {
  readonly path: string;
  readonly database: SqliteDatabase;
  readonly #known = new Map<OfflineReplica, VersionVector>();
  #declared: Pick<DeclaredTables, "conflicts">;
  #capture: Capture;

  private constructor(path: string, prepare: (database: SqliteDatabase) => Capture, conflicts?: readonly TableConflicts[]) {
    this.path = path;
    this.#declared = { conflicts };
    this.database = new SqliteDatabase(path);
    this.#capture = prepare(this.database);
  }

  static source(path: string, local: readonly LocalPart[] = [], conflicts?: readonly TableConflicts[]): OfflineReplica {
    return new OfflineReplica(path, (database) => initialise(database, { ...identityOf(0, local), conflicts }), conflicts);
  }

  /** A copy of a replica at rest, as another node. */
  static copyOf(
    source: OfflineReplica,
    path: string,
    index: number,
    conflicts?: readonly TableConflicts[],
    local: readonly LocalPart[] = [],
  ): OfflineReplica {
    source.database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    copyFileSync(source.path, path);
    return new OfflineReplica(path, (database) => adopt(database, { ...identityOf(index, local), conflicts }), conflicts);
  }

  /** What the agent does when a document declares other ways of settling conflicts. */
  declare(conflicts: readonly TableConflicts[]): void {
    this.#declared = { conflicts };
    this.#capture = installCapture(this.database, { local: [], conflicts }, "" as OriginId);
  }

  get capture(): Capture {
    return this.#capture;
  }

  /** A node's own file again. */
  static again(path: string, index: number, local: readonly LocalPart[] = []): OfflineReplica {
    return new OfflineReplica(path, (database) => adopt(database, identityOf(index, local)));
  }

  /** What the agent does when the application has changed its tables. */
  renew(local: readonly LocalPart[] = []): readonly string[] {
    if (schemaVersion(this.database) !== this.#capture.schemaVersion) {
      this.#capture = installCapture(this.database, { ...this.#declared, local }, "" as OriginId);
    }
    return this.#capture.problems;
  }

  changesFor(other: OfflineReplica): LoggedChange[] {
    const upTo = readControl(this.database).n;
    const changes: LoggedChange[] = [];
    for (let after = 0; after < upTo; ) {
      const piece = readLog(this.database, after, upTo, readVector(other.database), { node: "node_none" as NodeId, givenUpTo: null });
      changes.push(...piece.changes);
      after = piece.readTo;
    }
    return changes;
  }

  take(changes: Iterable<LoggedChange>, own: OwnWrites = {}): Applied {
    this.renew();
    const applied = applyChanges(this.database, this.#capture, changes, own);
    this.#capture = { ...this.#capture, schemaVersion: applied.schemaVersion };
    return applied;
  }

  /** Takes what `giver` has, and remembers how far giver is. */
  meet(giver: OfflineReplica): number {
    const { changes } = this.take(giver.changesFor(this));
    this.#known.set(giver, readVector(giver.database));
    return changes;
  }

  /** Drops what all of `members` are known to have from the log. */
  prune(members: readonly OfflineReplica[]): number {
    this.take([]);
    const others = members.filter((member) => member !== this).map((member) => this.#known.get(member) ?? {});
    return pruneLog(this.database, stablePart(readVector(this.database), others), contestedTables(this.#capture));
  }

  [Symbol.dispose](): void {
    this.database.close();
  }
}

function identityOf(index: number, local: readonly LocalPart[]): ReplicaIdentity {
  return { clusterId: "clus_00000000000000000000" as ClusterId, dataSet: "application", nodeId: nodeAt(index), local };
}

export function nodeAt(index: number): NodeId {
  return `node_${String(index).padStart(20, "0")}` as NodeId;
}

/** Everybody gives everybody all there is, until nothing moves any more. */
export function exchangeAll(replicas: readonly OfflineReplica[]): void {
  for (let moved = true; moved; ) {
    moved = false;
    for (const giver of replicas) {
      for (const taker of replicas) if (giver !== taker && taker.meet(giver) > 0) moved = true;
    }
  }
}
