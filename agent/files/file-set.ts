import { LocalPaths } from "../../shared/domain/replication/files/local-paths.ts";
import { parentOf } from "../../shared/domain/replication/files/path-rules.ts";
import type { TreeTenure } from "../../shared/domain/replication/files/tree-tenure.ts";
import type { VersionVector } from "../../shared/domain/replication/replication-status.ts";
import { reasonOf } from "../agent-error.ts";
import type { ChunkSource } from "./assembly.ts";
import { Backlog } from "./backlog.ts";
import { Batches } from "./batches.ts";
import { readChunks } from "./chunk-reading.ts";
import type { FileSetPlaces, FileSetReport, Role } from "./files-messages.ts";
import { type OpenTree, openTree } from "./open-tree.ts";
import type { Pieces, WantedChunk } from "./pieces.ts";
import { RefusedPaths, shown } from "./refused-paths.ts";
import { type SetAsideEvent, SetAsideNews } from "./set-aside-news.ts";
import type { Difference } from "./survey.ts";
import { TreeFolders } from "./tree-folder.ts";
import { TreeWatch } from "./tree-watch.ts";
import { type Verification, verifyTree } from "./verify-tree.ts";
import { Interrupted, WorkSignal } from "./work-signal.ts";

export interface FileSetOptions extends FileSetPlaces {
  readonly source: ChunkSource;
  readonly onReport: (report: FileSetReport) => void;
  readonly onSetAside: (event: SetAsideEvent) => void;
}

/** A large tree takes a while to be looked through: that is at most so small a part of the time. */
const survey = { everyMs: 60_000, everyMsMax: 600_000, share: 0.005 };
const totalsAgeMsMax = 500;
const againAfterMs = 500;
const againAfterRounds = 4;
const restlessAfterMs = 60;
const tombstonesKeptUs = 30 * 24 * 3_600 * 1_000_000;

/** One tree on this node: published where this node is its writer, brought in step with its writer everywhere else. */
export class FileSet {
  readonly #options: FileSetOptions;
  readonly #folders: TreeFolders;
  readonly #refused = new RefusedPaths();
  readonly #watch: TreeWatch;
  readonly #signal = new WorkSignal();
  readonly #local: LocalPaths;
  readonly #ended: Promise<void>;
  #tree: OpenTree | undefined;
  #role: Role = { kind: "unknown" };
  #tenure: TreeTenure | undefined;
  /** How far the manifest has got; undefined: it must not be used now. */
  #manifest: VersionVector | undefined;
  #level: VersionVector | undefined;
  readonly #setAsides: SetAsideNews;
  readonly #backlog = new Backlog();
  #problem: string | undefined;
  #again = new Map<string, string>();
  /** 0: at the next occasion. */
  #surveyAtMs = 0;
  #told = "";

  constructor(options: FileSetOptions) {
    this.#options = options;
    this.#setAsides = new SetAsideNews(options.onSetAside);
    this.#folders = new TreeFolders(options.tree);
    this.#local = new LocalPaths(options.local);
    this.#watch = new TreeWatch(options.tree, () => this.#signal.stir());
    this.#ended = this.#run();
  }

  /** The manifest has got so far; undefined: there is none that may be used now. Reports say how much of that the tree shows. */
  manifestChanged(vector: VersionVector | undefined): void {
    this.#manifest = vector;
    if (vector === undefined) this.#signal.interrupt();
    this.#signal.stir();
  }

  /** Resolves when nothing is done any more that belongs to the role before. */
  roleChanged(role: Role): Promise<void> {
    if (JSON.stringify(role) === JSON.stringify(this.#role)) return Promise.resolve();
    this.#role = role;
    this.#surveyAtMs = 0;
    return this.#signal.nextRound();
  }

  /** On the writer: resolves when whatever has changed up to now is published. Rejects with the reason where it cannot be. */
  flush(): Promise<void> {
    return this.#role.kind === "writer" ? this.#signal.flush() : Promise.resolve();
  }

  /** Chunks for another node. */
  read(wants: readonly WantedChunk[]): Pieces {
    return readChunks({ folders: this.#folders, local: this.#local, state: this.#tree?.state }, wants);
  }

  /** Reads every file and compares it with what the manifest says. Rejects where nobody has published anything. */
  async verify(): Promise<Verification> {
    if (this.#tree === undefined || this.#tenure === undefined) throw new Error(this.#problem ?? "nobody has published this tree yet");
    // Folders of its own: the work goes on meanwhile.
    const folders = new TreeFolders(this.#options.tree);
    try {
      return await verifyTree(folders, this.#tree.manifest, this.#tenure, this.#local);
    } finally {
      folders.forget();
    }
  }

  get report(): FileSetReport {
    const [waiting] = this.#again;
    const problem = this.#problem ?? (waiting === undefined ? null : `${shown(waiting[0])}: ${waiting[1]}`);
    const tree = this.#tree;
    return {
      role: this.#role.kind,
      writer: this.#tenure?.node ?? null,
      epoch: this.#tenure?.epoch ?? 0,
      ...(tree?.state.totals(totalsAgeMsMax) ?? { files: 0, bytes: 0 }),
      filesBehind: this.#backlog.rest.files,
      bytesBehind: this.#backlog.rest.bytes,
      isComplete: tree?.state.meta("complete") !== undefined,
      secondsLeft: this.#backlog.secondsLeft,
      setAside: this.#setAsides.count,
      setAsideLatest: this.#setAsides.latest,
      refusedCount: this.#refused.count,
      refused: this.#refused.list,
      level: this.#level ?? null,
      problem,
    };
  }

  async close(): Promise<void> {
    this.#signal.end();
    await this.#ended;
    this.#setAsides.tell(Number.POSITIVE_INFINITY);
    this.#watch.close();
    this.#tree?.close();
    this.#tree = undefined;
    this.#folders.forget();
  }

  async #run(): Promise<void> {
    while (this.#signal.begin()) {
      const isFlush = this.#signal.wantsFlush;
      const beganMs = performance.now();
      try {
        await this.#round(isFlush);
        this.#problem = undefined;
        this.#signal.finish(undefined);
      } catch (error) {
        this.#folders.forget();
        if (!(error instanceof Interrupted)) this.#problem = `${this.#options.tree}: ${reasonOf(error)}`;
        // What had been noticed is not known any more.
        this.#surveyAtMs = 0;
        this.#signal.finish(new Error(this.#problem));
      }
      this.#tree?.state.totals(0);
      this.#tell();
      const newsInMs = this.#setAsides.tell(performance.now()) ?? Number.POSITIVE_INFINITY;
      await this.#signal.wait(Math.min(newsInMs, this.#pauseMs(performance.now() - beganMs)));
    }
  }

  async #round(isFlush: boolean): Promise<void> {
    const vector = this.#manifest;
    if (vector === undefined) {
      this.#tree?.close();
      this.#tree = undefined;
      return;
    }
    if (this.#role.kind === "unknown") return;
    // A folder that was open may have been moved since, out of the tree even.
    this.#folders.forget();
    const tree = this.#tree ?? this.#open();
    tree.require();
    const tenure = this.#tenureNow(tree);
    if (tenure === undefined) return;
    const isWriter = this.#writingTenure() !== undefined;
    if (isWriter) await this.#publish(tree, tenure, isFlush);
    // What this node wrote last stays as it is until somebody else has begun to write.
    else if (tenure.node === this.#options.nodeId) return this.#isLevel(tree, vector);
    else if (tenure.isSurveyed) for await (const { path } of this.#differences(tree, false)) this.#again.set(path, "changed here");
    const unclear = await this.#follow(tree, tenure, isWriter);
    if (isWriter && unclear.length > 0) await tree.publisher.publish(asDifferences(unclear, tree), { now: true, isSurvey: false });
    if (this.#signal.isInterrupted || this.#again.size > 0 || !tree.reading.isAtEnd) return;
    await tree.sync();
    if (this.#level !== vector) tree.cameLevel();
    this.#isLevel(tree, vector);
    if (tenure.isSurveyed && tree.state.meta("complete") === undefined) tree.state.setMeta("complete", new Date().toISOString());
  }

  async #publish(tree: OpenTree, tenure: TreeTenure, isFlush: boolean): Promise<void> {
    const isWhole = isFlush || performance.now() >= this.#surveyAtMs;
    await tree.publisher.publish(this.#differences(tree, isFlush), { now: isFlush, isSurvey: true });
    if (this.#signal.isInterrupted) this.#surveyAtMs = 0;
    else if (isWhole && !tenure.isSurveyed) tree.manifest.surveyed(tenure.epoch);
  }

  /** Kept: what the others once heard that this node has, it still has after a restart. */
  #isLevel({ state }: OpenTree, vector: VersionVector): void {
    if (this.#level !== vector) state.setMeta("level", JSON.stringify(vector));
    this.#level = vector;
    this.#backlog.clear();
  }

  /** Brings here what is not here yet. Returns the paths of which the publisher has to say what shall be. */
  async #follow(tree: OpenTree, tenure: TreeTenure, isWriter: boolean): Promise<string[]> {
    const batches = new Batches(this.#again, () => tree.reading.next(tenure.isSurveyed));
    const unclear: string[] = [];
    let following: readonly string[] | undefined;
    this.#backlog.begin();
    for (let batch = batches.next(); batch !== undefined && !this.#signal.isInterrupted; batch = following ?? batches.next()) {
      following = batches.next();
      if (batch.length === 0) continue;
      const settled = await tree.follower.settle(batch, tenure, isWriter, isWriter ? [] : following);
      for (const path of batch) this.#again.delete(path);
      // One that was written anew meanwhile may be among both.
      batches.stillToDo(following);
      for (const [path, reason] of settled.again) this.#again.set(path, reason);
      unclear.push(...settled.unclear);
      this.#backlog.settled({ files: batch.length - settled.again.size, bytes: settled.bytes });
      if (!this.#backlog.isDue) continue;
      this.#backlog.measure(tree, this.#again);
      this.#tell();
    }
    this.#backlog.measure(tree, this.#again);
    return unclear;
  }

  async *#differences(tree: OpenTree, isFlush: boolean): AsyncGenerator<Difference> {
    const folders = new Set([...this.#watch.take(), ...tree.publisher.restless.map(parentOf)]);
    if (isFlush || performance.now() >= this.#surveyAtMs) {
      const beganMs = performance.now();
      this.#surveyAtMs = beganMs + survey.everyMs;
      this.#refused.clear();
      yield* tree.survey.differences("", true);
      const endedMs = performance.now();
      this.#surveyAtMs = endedMs + Math.min(survey.everyMsMax, Math.max(survey.everyMs, (endedMs - beganMs) / survey.share));
      return;
    }
    for (const folder of folders) yield* tree.survey.differences(folder, false);
  }

  #writingTenure(): TreeTenure | undefined {
    const [role, tenure] = [this.#role, this.#tenure];
    return role.kind === "writer" && role.epoch === tenure?.epoch ? tenure : undefined;
  }

  #tenureNow({ manifest, reading }: OpenTree): TreeTenure | undefined {
    let { tenure } = manifest;
    if (this.#role.kind === "writer" && (tenure === undefined || tenure.epoch < this.#role.epoch)) {
      tenure = manifest.beginTenure(this.#role.epoch, this.#options.nodeId);
      manifest.forgetGone(Date.now() * 1_000 - tombstonesKeptUs);
    }
    if (tenure?.epoch !== this.#tenure?.epoch || tenure?.isSurveyed !== this.#tenure?.isSurveyed) {
      // Whether an entry counts, and what its absence means, depends on it: all are looked at again.
      reading.restart();
      this.#surveyAtMs = 0;
    }
    this.#tenure = tenure;
    return tenure;
  }

  #open(): OpenTree {
    this.#tenure = undefined;
    const tree = openTree(this.#options, {
      folders: this.#folders,
      refused: this.#refused,
      source: this.#options.source,
      onFolder: (path) => this.#watch.add(path),
      onSetAside: (line) => this.#setAsides.add(line),
      signal: this.#signal,
      writingTenure: () => this.#writingTenure(),
    });
    const level = tree.state.meta("level");
    if (level !== undefined) this.#level ??= JSON.parse(level) as VersionVector;
    this.#tree = tree;
    return tree;
  }

  #tell(): void {
    const { report } = this;
    const text = JSON.stringify(report);
    if (text === this.#told) return;
    this.#told = text;
    this.#options.onReport(report);
  }

  /** What fails again and again is tried for at most a part of the time. */
  #pauseMs(roundMs: number): number {
    if (this.#problem !== undefined || this.#again.size > 0) return Math.max(againAfterMs, roundMs * againAfterRounds);
    if ((this.#tree?.publisher.restless.length ?? 0) > 0) return restlessAfterMs;
    // Whoever has nothing to look through, because nobody has said what to compare it with, waits to be told.
    return this.#surveyAtMs === 0 ? survey.everyMs : Math.max(1, this.#surveyAtMs - performance.now());
  }
}

function* asDifferences(paths: readonly string[], { follower, state }: OpenTree): Generator<Difference> {
  for (const path of paths) yield { path, found: follower.look(path), held: state.get(path) };
}
