import type { RecordAnswer, RecordRequest, StoredRecord } from "../../../agent/records/record-request.ts";
import type { SeededRandom } from "../../../shared/domain/seeded-random.ts";

interface Change {
  readonly origin: string;
  readonly epoch: number;
  readonly atMs: number;
  readonly key: string;
  /** Null: deleted. */
  readonly value: string | null;
}

/** One node's copy of a data set of records, with the merge rule of production: epoch, then time, then origin; each origin's changes come in its order. */
export class VirtualReplica {
  readonly name: string;
  isAlive = true;
  /** Where calls stop for good because the node has died in them. */
  onStep: () => void = () => {};
  readonly #logs = new Map<string, Change[]>();
  readonly #rows = new Map<string, Change>();
  readonly #random: SeededRandom;

  constructor(name: string, random: SeededRandom) {
    this.name = name;
    this.#random = random;
  }

  /** Before or after anything of consequence: it takes a moment, and the node may die in it. */
  async step(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.#random.between(0, 3)));
    this.onStep();
    if (!this.isAlive) await new Promise(() => {});
  }

  readonly records = async <Request extends RecordRequest>(request: Request): Promise<RecordAnswer<Request["kind"]>> => {
    await this.step();
    const answer = this.#answer(request);
    await this.step();
    return answer as RecordAnswer<Request["kind"]>;
  };

  /** Everything of another one's that is missing here. */
  pull(other: VirtualReplica): void {
    for (const [origin, changes] of other.#logs)
      for (const change of changes.slice(this.#logs.get(origin)?.length ?? 0)) this.#take(origin, change);
  }

  holdsAllOf(other: VirtualReplica): boolean {
    return (this.#logs.get(other.name)?.length ?? 0) >= (other.#logs.get(other.name)?.length ?? 0);
  }

  #answer(request: RecordRequest): unknown {
    switch (request.kind) {
      case "get":
        return this.#stored(this.#rows.get(request.key)) ?? null;
      case "list": {
        const { prefix, after, limit } = request;
        const keys = [...this.#rows.keys()].filter((key) => key.startsWith(prefix) && key > after).toSorted();
        const found = keys.map((key) => this.#stored(this.#rows.get(key))).filter((record) => record !== undefined);
        return { records: found.slice(0, limit), more: found.length > limit, position: "" };
      }
      case "put":
        this.#write(request.tenure.epoch, request.key, request.value);
        return this.#stored(this.#rows.get(request.key));
      case "delete":
        if (this.#stored(this.#rows.get(request.key)) === undefined) return { refused: "unknown-record", reason: "there is none" };
        this.#write(request.tenure.epoch, request.key, null);
        return { commit: "" };
      case "expire":
      case "changes":
      case "commit":
        throw new Error(`nobody asks for ${request.kind} here`);
    }
  }

  #write(epoch: number, key: string, value: string | null): void {
    this.#take(this.name, { origin: this.name, epoch, atMs: Date.now(), key, value });
  }

  #take(origin: string, change: Change): void {
    const log = this.#logs.get(origin) ?? [];
    log.push(change);
    this.#logs.set(origin, log);
    const before = this.#rows.get(change.key);
    if (before === undefined || isNewer(change, before)) this.#rows.set(change.key, change);
  }

  #stored(change: Change | undefined): StoredRecord | undefined {
    if (change === undefined || change.value === null) return undefined;
    return { key: change.key, value: change.value, version: "", writtenAt: "", expiresAt: null };
  }
}

function isNewer(one: Change, other: Change): boolean {
  if (one.epoch !== other.epoch) return one.epoch > other.epoch;
  return one.atMs !== other.atMs ? one.atMs > other.atMs : one.origin >= other.origin;
}
