import type { NodeId, OriginId } from "../../shared/domain/ids.ts";
import type { Wanted } from "../../shared/domain/replication/exchange-effects.ts";
import { type ReplicaView, sameView } from "../../shared/domain/replication/exchange-state.ts";
import type { LogLimits, LogUse } from "../../shared/domain/replication/log-limits.ts";
import type { SnapshotProgress, VersionVector } from "../../shared/domain/replication/replication-status.ts";
import { beginIncarnation } from "./begin-incarnation.ts";
import { type LoggedChange, type LogPiece, readLog } from "./change-log.ts";
import { readHeld } from "./change-log-tables.ts";
import { ChangesAtRisk } from "./changes-at-risk.ts";
import { closingOnError, inodeOf, present } from "./database-file.ts";
import { DurableVector } from "./durable-vector.ts";
import { type FilePosition, nowhere, readPosition } from "./file-position.ts";
import { jumpGeneratedKeys } from "./generated-keys.ts";
import { Intake } from "./intake.ts";
import { logLimits } from "./log-limits.ts";
import { LogPruning } from "./log-pruning.ts";
import { OwnTimes } from "./own-times.ts";
import { adopt, initialise, isInitialised, lineageOf, type ReplicaIdentity } from "./replica-identity.ts";
import { ReplicaStanding } from "./replica-standing.ts";
import { replicaStatus } from "./replica-status.ts";
import type { Applied } from "./sqlite-apply.ts";
import { type Capture, installCapture, schemaVersion } from "./sqlite-capture.ts";
import { databaseExists, SqliteDatabase } from "./sqlite-database.ts";
import { isLocked } from "./sqlite-problem.ts";

/** One data set on this node: its file, its phase, and what is known of the others' replicas. Synchronous; never waits. */
export class Replica {
  readonly name: string;
  readonly path: string;
  identity: ReplicaIdentity;
  /** What the other members have last announced to have, as the exchange hears it. */
  known: Readonly<Record<NodeId, VersionVector>> = {};
  progress: SnapshotProgress | undefined;
  conflicts = 0;
  readonly times = new OwnTimes();
  #openings = 0;
  #view: ReplicaView | undefined;
  #database: SqliteDatabase | undefined;
  #capture: Capture | undefined;
  #inode: number | undefined;
  #dataVersion = -1;
  #position: FilePosition = nowhere;
  /** The log's end when `look` told last. */
  #toldEnd = 0;
  #descent: Pick<ReplicaView, "lineage" | "held"> = { lineage: null, held: {} };
  readonly #atRisk = new ChangesAtRisk();
  readonly #durable: DurableVector;
  readonly #pruning: LogPruning;
  #intake = new Intake();
  readonly standing: ReplicaStanding;

  /** `onDurable`: more of what came from others is on the disk for certain. */
  constructor(path: string, identity: ReplicaIdentity, onDurable: () => void = () => {}, limits: LogLimits = logLimits({})) {
    this.path = path;
    this.#pruning = new LogPruning(limits);
    this.standing = new ReplicaStanding(path);
    this.#durable = new DurableVector(path, onDurable, (error) => this.fail(error));
    this.name = identity.dataSet;
    this.identity = identity;
  }

  /** What the exchange goes by: the same object for as long as nothing in it changes. */
  get view(): ReplicaView {
    const { vector, origin, sealed } = this.#position;
    this.#view = sameView(this.#view, {
      ...this.#position,
      ...this.#descent,
      path: this.path,
      following: this.following,
      durable: this.#durable.of(vector, origin),
      sealed: Math.min(sealed, this.#durable.sealed),
      schema: this.fingerprint,
      opening: this.#openings,
      conflicts: this.conflicts,
      whenSkewed: this.times.whenSkewed,
    });
    return this.#view;
  }
  get fingerprint(): string {
    return this.#capture?.fingerprint ?? "";
  }
  get following(): boolean {
    return this.standing.following;
  }
  /** No replica here yet: a snapshot is needed, or the application's own database becomes the source. */
  get needsData(): boolean {
    return this.standing.phase === "waiting-for-database" && this.#database === undefined && this.standing.isTime;
  }

  /** Looks at the file: opens it, notices commits and schema changes. True where there is something new to send. */
  look(): boolean {
    return this.standing.mayLook() && (this.#attempt(() => this.lookNow()) ?? false);
  }

  /** As `look`, whatever stood in the way a moment ago; throws what stands in the way now. */
  lookNow(): boolean {
    if (this.standing.phase === "receiving-snapshot") return false;
    if (this.#database !== undefined && inodeOf(this.path) !== this.#inode) this.close();
    return this.#database === undefined ? this.#open() : this.#lookForCommits(this.#database);
  }

  /** The document says something else of the data set's tables now: capture is set up anew. */
  redefine(identity: ReplicaIdentity): void {
    this.identity = identity;
    if (this.standing.phase === "refused") this.standing.retryNow();
    this.close();
  }

  /** Makes the application's database the source of its data set. */
  becomeSource(): void {
    this.#attempt(() => this.#follow(new SqliteDatabase(this.path), initialise));
  }

  receiving(): void {
    this.close();
    this.standing.receives();
  }

  received(): void {
    this.progress = undefined;
    this.standing.received();
  }

  /** Whether the newest own writes may be read for others: their times are no wrong clock's. */
  get isTellable(): boolean {
    return this.times.need(this.#position) === "none";
  }

  /** Changes that a peer lacks. */
  read({ after, upTo, peerHas, givenUpTo }: Wanted): LogPiece {
    this.times.tell(upTo);
    return readLog(this.#opened(), after, upTo, peerHas, { node: this.identity.nodeId, givenUpTo });
  }

  /** Applies whole transactions; none: only takes in this node's own. Throws what stands in the way; `isLocked` and `hold` tell what to do with it. */
  apply(changes?: Iterable<LoggedChange>): Applied {
    const database = this.#rightlyNumbered();
    this.#renewCapture(database);
    const applied = this.#intake.apply(database, this.#captured(), changes, this.times.dating());
    // Whoever hears of these under their new times must never hear of them under others.
    if (applied.retimed > 0) this.#durable.syncNow();
    this.conflicts += applied.conflicts;
    this.#capture = { ...this.#captured(), schemaVersion: applied.schemaVersion };
    this.#refresh(database);
    this.#durable.committed(this.#position.vector, this.#position.sealed);
    return this.#intake.complete(applied);
  }

  /** Takes no part any more until the file is another one. */
  refuse(reason: string): void {
    this.close();
    this.standing.refuse(reason);
  }

  fail(error: unknown): void {
    if (this.standing.fail(error)) this.close();
  }

  /** Writes down how many of this node's own changes are committed, for when they are on the disk. */
  seal(): void {
    this.#unlessLocked(() => this.apply());
  }

  /** The file has gone back in time. Its log counts otherwise then: for whoever reads it, it is another file. */
  beginIncarnation(): void {
    this.#unlessLocked(() => this.#beginIncarnation());
  }

  /** Drops log entries that every member has, which the next word tells: a restored copy may lack them. Returns how many went, or undefined where the file cannot, or should not, be written now. */
  prune(stable: VersionVector): number | undefined {
    if (!this.following || !this.#pruning.isNow(stable, this.#position.logEnd)) return undefined;
    return this.#unlessLocked((database) => {
      this.apply();
      const entries = this.#pruning.prune(database, this.#captured(), stable);
      this.#refresh(database);
      return entries;
    });
  }

  /** Lets go what is beyond the log's limits and covered by `spare`. Returns how much of them was used up. */
  letGo(spare: VersionVector): LogUse | undefined {
    return this.#unlessLocked((database) => {
      const use = this.#pruning.useOf(database);
      if (this.#pruning.letGo(database, spare, () => this.apply()) > 0) this.#refresh(database);
      return use;
    });
  }

  jumpGeneratedKeys(position: number): void {
    if (this.following) jumpGeneratedKeys(this.#opened(), this.#captured().forms.values(), position);
  }

  status(members: readonly NodeId[]): ReturnType<typeof replicaStatus> {
    return replicaStatus(this, this.standing, this.#position, members, (all) => this.#atRisk.measure(this.#database, this.#position, all));
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
    this.#capture = undefined;
    this.#dataVersion = -1;
    this.#atRisk.forget();
    this.standing.closed();
  }

  #open(): boolean {
    const database = databaseExists(this.path) ? new SqliteDatabase(this.path) : undefined;
    const isReplica = database !== undefined && closingOnError(database, () => isInitialised(database, this.identity));
    if (isReplica) this.#follow(database, adopt);
    else {
      database?.close();
      this.standing.hasNone(database === undefined ? this.identity : undefined);
      this.#descent = { ...this.#descent, lineage: null };
    }
    return isReplica;
  }

  #follow(database: SqliteDatabase, prepare: typeof adopt): void {
    this.#capture = closingOnError(database, () => prepare(database, this.identity));
    this.#database = database;
    this.#intake = new Intake();
    this.#inode = inodeOf(this.path);
    this.#descent = { lineage: lineageOf(database), held: readHeld(database) };
    this.#refresh(database);
    this.times.opened(this.#position);
    this.#durable.opened(database.commitWithoutWaiting(), this.#position.vector, this.#position.sealed);
    this.#pruning.opened(database, this.#position.vector);
    this.#openings += 1;
    this.#toldEnd = this.#position.logEnd;
    this.standing.follows();
  }

  #lookForCommits(database: SqliteDatabase): boolean {
    this.#durable.syncWhatIsLeft();
    const version = database.number("PRAGMA data_version");
    this.standing.found(this.#captured().problems);
    if (version !== this.#dataVersion) {
      this.#renewCapture(database);
      this.#refresh(database);
      this.#dataVersion = version;
    }
    // The application's newest writes carry times of a clock that is wrong, or there are very many. A lock lets them wait for the next look.
    if (this.times.need(this.#position) !== "none" || (this.times.canDate && this.#intake.isDue(this.#position)))
      database.withoutWaiting(() => this.#unlessLocked(() => this.apply()));
    // Applying and pruning read the log's end too; the rest is still to be told.
    if (this.#position.logEnd === this.#toldEnd) return false;
    // Dates them, too: the application may have written since the look.
    if (this.times.canDate && database.get("SELECT 1 FROM _understudy_displaced LIMIT 1") !== undefined) this.apply();
    this.#toldEnd = this.#position.logEnd;
    return true;
  }

  #renewCapture(database: SqliteDatabase): void {
    if (schemaVersion(database) === this.#captured().schemaVersion) return;
    this.#capture = installCapture(database, this.identity, this.#position.origin ?? ("" as OriginId));
  }

  #refresh(database: SqliteDatabase): void {
    this.#position = readPosition(database, this.#position);
    this.#intake.saw(this.#position);
  }

  /** What is not urgent: a lock lets it be until it is asked for again. */
  #unlessLocked<Result>(work: (database: SqliteDatabase) => Result): Result | undefined {
    return this.following ? this.#attempt(() => work(this.#rightlyNumbered()), isLocked) : undefined;
  }

  /** Undefined where something stands in the way: that is told, unless it may be `passedOver`. */
  #attempt<Result>(work: () => Result, passedOver: (error: unknown) => boolean = () => false): Result | undefined {
    try {
      return work();
    } catch (error) {
      if (!passedOver(error)) this.fail(error);
      return undefined;
    }
  }

  /** The file, to be written to. What an earlier run may have told of under a time that is wrong has another number before it gets another time. */
  #rightlyNumbered(): SqliteDatabase {
    if (this.times.need(this.#position) === "incarnation") this.#beginIncarnation();
    return this.#opened();
  }

  #beginIncarnation(): void {
    beginIncarnation(this.#opened(), this.identity.nodeId);
    this.close();
    this.lookNow();
    this.times.renumbered();
  }

  #opened(): SqliteDatabase {
    return present(this.#database, this.path);
  }

  #captured(): Capture {
    return present(this.#capture, this.path);
  }
}
