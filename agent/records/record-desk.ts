import { limits } from "../../shared/config/limits.ts";
import type { NodeId } from "../../shared/domain/ids.ts";
import type { Tenure } from "../../shared/domain/replication/tenure.ts";
import { seqIn } from "../../shared/domain/replication/version-vector.ts";
import { readVector } from "../replication/change-log-tables.ts";
import type { Replica } from "../replication/replica.ts";
import { NotTheWriter, writeUnder } from "../replication/single-writer.ts";
import { SqliteDatabase } from "../replication/sqlite-database.ts";
import { isDiskFull, isLocked } from "../replication/sqlite-problem.ts";
import { monotonicUs } from "../resources/monotonic.ts";
import { changesAfter, positionOf } from "./record-changes.ts";
import { type CommitId, readCommitId } from "./record-commit.ts";
import {
  type CommitState,
  type RecordAnswer,
  type RecordChanges,
  type RecordRefusal,
  RecordRefused,
  type RecordRequest,
} from "./record-request.ts";
import { deleteExpired, deleteRecord, hasExpired, listRecords, putRecord, readRecord, recordTables } from "./record-table.ts";

export interface RecordDeskOptions {
  /** Of a data set of whatever kind. */
  readonly replica: (dataSet: string) => Replica | undefined;
  readonly nodeId: NodeId;
  readonly others: () => readonly NodeId[];
  /** Something was committed: it shall be on its way to the others at once. */
  readonly onWritten: (dataSet: string) => void;
}

interface Opened {
  readonly opening: number;
  readonly database: SqliteDatabase;
}

/** Reads and writes the data sets of records on this node, each by a connection of its own: what it commits is on the disk before it is told. */
export class RecordDesk {
  readonly #options: RecordDeskOptions;
  readonly #opened = new Map<string, Opened>();
  readonly #watchers = new Set<() => void>();

  constructor(options: RecordDeskOptions) {
    this.#options = options;
  }

  async answer(request: RecordRequest): Promise<RecordAnswer> {
    try {
      return await this.#answer(request);
    } catch (error) {
      return refusalOf(error);
    }
  }

  /** A file was looked at: watchers look, too. */
  look(): void {
    for (const look of this.#watchers) look();
  }

  /** The files are let go; each is opened again where it is asked for. Whoever waits is told how it stands. */
  close(): void {
    for (const { database } of this.#opened.values()) database.close();
    this.#opened.clear();
    this.look();
  }

  #answer(request: RecordRequest): RecordAnswer | Promise<RecordAnswer> {
    const { dataSet } = request;
    const nowMs = Date.now();
    switch (request.kind) {
      case "get":
        return readRecord(this.#database(dataSet), request.key, nowMs) ?? null;
      case "list": {
        const database = this.#database(dataSet);
        return database.read(() => ({ ...listRecords(database, request, nowMs), position: positionOf(database) }));
      }
      case "put":
        return this.#write(request, (database) => putRecord(database, request, nowMs));
      case "delete":
        return this.#write(request, (database) => deleteRecord(database, request.key, request.condition, nowMs));
      case "expire":
        if (!hasExpired(this.#database(dataSet), nowMs)) return { deleted: 0 };
        return this.#write(request, (database) => ({ deleted: deleteExpired(database, nowMs) }));
      case "changes":
        return this.#changes(request);
      case "commit":
        return this.#commitState(dataSet, request.commit);
    }
  }

  #write<Result>(
    { dataSet, tenure }: { readonly dataSet: string; readonly tenure: Tenure },
    work: (database: SqliteDatabase) => Result,
  ): Result {
    const database = this.#database(dataSet);
    const result = writeUnder(database, tenure, monotonicUs, () => work(database));
    this.#options.onWritten(dataSet);
    return result;
  }

  async #changes({ dataSet, prefix, after, waitMs }: Extract<RecordRequest, { kind: "changes" }>): Promise<RecordChanges> {
    const untilMs = performance.now() + waitMs;
    if (after === null) return { changes: [], position: positionOf(this.#database(dataSet)) };
    for (let position = after; ; ) {
      const database = this.#database(dataSet);
      const found = database.read(() => changesAfter(database, position, prefix, Date.now()));
      if (found.changes.length > 0 || performance.now() >= untilMs) return found;
      if (found.position === position) await this.#moved(dataSet, untilMs);
      position = found.position;
    }
  }

  /** Resolves when this data set has stirred, whatever the others do; by then in any case. */
  async #moved(dataSet: string, untilMs: number): Promise<void> {
    const before = this.#options.replica(dataSet)?.view;
    do await this.#stirred(untilMs);
    while (this.#options.replica(dataSet)?.view === before && performance.now() < untilMs);
  }

  /** Resolves when something may be there that was not, and by then in any case. */
  async #stirred(untilMs: number): Promise<void> {
    if (this.#watchers.size >= limits.recordWatchersMax)
      throw new RecordRefused("too-many-watchers", `${limits.recordWatchersMax} wait for changes already`);
    const { promise, resolve } = Promise.withResolvers<void>();
    const patience = setTimeout(resolve, Math.max(0, untilMs - performance.now()));
    this.#watchers.add(resolve);
    await promise;
    clearTimeout(patience);
    this.#watchers.delete(resolve);
  }

  #commitState(dataSet: string, commit: CommitId): CommitState {
    const { known } = this.#following(dataSet);
    const place = readCommitId(commit);
    if (place === undefined || seqIn(readVector(this.#database(dataSet)), place.origin) < place.seq)
      throw new RecordRefused("unknown-commit", `no commit ${commit} has come to this node`);
    const has = (node: NodeId): boolean => seqIn(known[node] ?? {}, place.origin) >= place.seq;
    const others = this.#options.others();
    return { commit, heldBy: [this.#options.nodeId, ...others.filter(has)], lackedBy: others.filter((node) => !has(node)) };
  }

  #following(dataSet: string): Replica {
    const replica = this.#options.replica(dataSet);
    if (replica?.identity.tables !== recordTables)
      throw new RecordRefused("unknown-data-set", `this node has no data set of records called ${dataSet}`);
    if (!replica.following) throw new RecordRefused("not-ready", `data set ${dataSet} is not in step on this node: its status says why`);
    return replica;
  }

  /** Opened anew where the replica has another file, or has taken its file up again. */
  #database(dataSet: string): SqliteDatabase {
    const { path, view } = this.#following(dataSet);
    const known = this.#opened.get(dataSet);
    if (known?.opening === view.opening && known.database.path === path) return known.database;
    known?.database.close();
    this.#opened.delete(dataSet);
    const database = new SqliteDatabase(path);
    this.#opened.set(dataSet, { opening: view.opening, database });
    database.commitDurably();
    database.limitSize(limits.recordFileBytesMax);
    return database;
  }
}

function refusalOf(error: unknown): RecordRefusal {
  if (error instanceof RecordRefused) return { refused: error.refused, reason: error.message };
  if (error instanceof NotTheWriter) return { refused: "not-the-writer", reason: error.message };
  if (isLocked(error)) return { refused: "not-ready", reason: "another process has the data set's file locked" };
  if (isDiskFull(error))
    return { refused: "full", reason: `its disk is full, or it would have more than ${limits.recordFileBytesMax} bytes` };
  throw error;
}
