import type { StreamId } from "../../../shared/domain/replication/exchange-state.ts";
import type { SimulatedChange } from "./records.ts";
import type { StreamEnd } from "./wire.ts";

export interface OpenStream {
  readonly id: StreamId;
  readonly end: StreamEnd;
  readonly kept: SimulatedChange[];
}

/** The streams that an agent's process has open, by the numbers under which its exchange knows them. */
export class OpenStreams {
  readonly #streams = new Map<StreamId, OpenStream>();
  #opened = 0;

  open(end: StreamEnd): OpenStream {
    this.#opened += 1;
    const stream = { id: this.#opened, end, kept: [] };
    this.#streams.set(stream.id, stream);
    return stream;
  }

  get(id: StreamId): OpenStream | undefined {
    return this.#streams.get(id);
  }

  of(end: StreamEnd): OpenStream | undefined {
    return [...this.#streams.values()].find((stream) => stream.end === end);
  }

  /** Takes it away. */
  take(id: StreamId): OpenStream | undefined {
    const stream = this.#streams.get(id);
    this.#streams.delete(id);
    return stream;
  }

  /** For how long nothing has come on each. */
  silentMs(nowUs: number): Readonly<Record<StreamId, number>> {
    const silent = [...this.#streams.values()].map(({ id, end }) => [id, end.isBusy ? 0 : (nowUs - end.heardAtUs) / 1_000] as const);
    return Object.fromEntries(silent);
  }

  /** Takes all of them away. */
  clear(): readonly StreamEnd[] {
    const ends = [...this.#streams.values()].map(({ end }) => end);
    this.#streams.clear();
    return ends;
  }
}
