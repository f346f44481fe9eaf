import type { DataSetStatus } from "../../shared/domain/replication/replication-status.ts";
import { inodeOf } from "./database-file.ts";
import type { ReplicaIdentity } from "./replica-identity.ts";
import { isLocked, problemOf } from "./sqlite-problem.ts";

const retryEveryMs = 1_000;

/** Where a replica stands: its phase, what stands in its way, worded for people, and when to look again. */
export class ReplicaStanding {
  readonly #path: string;
  #phase: DataSetStatus["phase"] = "waiting-for-database";
  #problem: string | undefined;
  #refusedInode: number | undefined;
  #holdUntilMs = 0;
  #retryAtMs = 0;

  constructor(path: string) {
    this.#path = path;
  }

  get phase(): DataSetStatus["phase"] {
    return this.#phase;
  }
  get problem(): string | undefined {
    return this.#problem;
  }
  get following(): boolean {
    return this.#phase === "following";
  }
  /** Whether what failed may be tried again. */
  get isTime(): boolean {
    return performance.now() >= this.#retryAtMs;
  }

  /** Whether it is time to look at the file. One that was refused is not looked at again until it is another. */
  mayLook(): boolean {
    const isStillRefused = this.#refusedInode !== undefined && this.#refusedInode === inodeOf(this.#path);
    if (isStillRefused || !this.isTime) return false;
    this.#refusedInode = undefined;
    return true;
  }

  follows(): void {
    this.#phase = "following";
    this.#problem = undefined;
  }

  /** No database of the data set is there; `missing`: no file at all. */
  hasNone(missing: Pick<ReplicaIdentity, "tables"> | undefined): void {
    this.#phase = "waiting-for-database";
    if (missing === undefined) return;
    const from = missing.tables === undefined ? "another node, or from its application" : "another node";
    this.#problem ??= `${this.#path} does not exist yet: it comes from ${from}`;
  }

  /** The file is let go, and taken up again at the next look. */
  closed(): void {
    if (this.following) this.#phase = "waiting-for-database";
  }

  receives(): void {
    this.#phase = "receiving-snapshot";
    this.#problem = undefined;
  }

  received(): void {
    this.#phase = "waiting-for-database";
    this.retryNow();
  }

  retryNow(): void {
    this.#retryAtMs = 0;
  }

  /** What follows does not go on until then, for a reason that an answer to a peer told. */
  hold(reason: string, untilMs: number): void {
    this.#holdUntilMs = untilMs;
    this.#problem = reason;
  }

  /** What a look at a file that follows found: nothing, as a rule. */
  found(problems: readonly string[]): void {
    if (performance.now() >= this.#holdUntilMs) this.#problem = problems.join("; ") || undefined;
  }

  refuse(reason: string): void {
    this.#phase = "refused";
    this.#problem = reason;
    this.#refusedInode = inodeOf(this.#path);
  }

  /** A problem that this node waits out; undefined when it is over. */
  wait(problem: string | undefined): void {
    if (!this.following) this.#problem = problem;
  }

  /** Returns whether the file cannot be followed as it is. */
  fail(error: unknown): boolean {
    const { outlook, message } = problemOf(error, this.#path);
    if (outlook === "refuse") this.#phase = "refused";
    this.#problem = message;
    this.#retryAtMs = performance.now() + (isLocked(error) ? 100 : retryEveryMs);
    return outlook === "refuse";
  }
}
