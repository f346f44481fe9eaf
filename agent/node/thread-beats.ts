import { monotonicUs } from "../resources/monotonic.ts";

const threads = ["main", "replication"] as const;
export type BeatingThread = (typeof threads)[number];

/** Memory in which each thread leaves the instant of its last beat: the control loop reads it without asking anybody. */
export class ThreadBeats {
  readonly memory: SharedArrayBuffer;
  readonly #instants: BigInt64Array;

  constructor(memory?: SharedArrayBuffer) {
    this.memory = memory ?? new SharedArrayBuffer(threads.length * BigInt64Array.BYTES_PER_ELEMENT);
    this.#instants = new BigInt64Array(this.memory);
    if (memory === undefined) for (const thread of threads) this.beat(thread);
  }

  beat(thread: BeatingThread): void {
    Atomics.store(this.#instants, threads.indexOf(thread), BigInt(monotonicUs()));
  }

  agesMs(): Readonly<Record<BeatingThread, number>> {
    const ageMs = (thread: BeatingThread): number =>
      Math.max(0, Math.round((monotonicUs() - Number(Atomics.load(this.#instants, threads.indexOf(thread)))) / 1_000));
    return { main: ageMs("main"), replication: ageMs("replication") };
  }
}
