import type { DurableRecord } from "../../shared/domain/failover/durable-record.ts";
import type { Machine } from "./machine.ts";
import type { World } from "./world.ts";

/** What one server keeps. Written by a thread of its own, one record after the other. */
export class HostDisk {
  /** Set by scenarios: how long each write takes. */
  takesUs: number | null = null;
  record: DurableRecord = { incarnation: 0, epochCeilings: {}, longPromises: {}, soles: {} };
  readonly #world: World;
  readonly #machine: Machine;
  /** By what the machine has run. */
  #idleAtUs = 0;

  /** Not everything is on it that was to be written. */
  get isWriting(): boolean {
    return this.#idleAtUs > this.#machine.ranUs;
  }

  constructor(world: World, machine: Machine) {
    this.#world = world;
    this.#machine = machine;
  }

  /** `isLost`: a crash loses what was not written yet. */
  write(record: DurableRecord, isLost: () => boolean, written: () => void): void {
    const { ranUs } = this.#machine;
    this.#idleAtUs = Math.max(this.#idleAtUs, ranUs) + (this.takesUs ?? this.#world.diskDelayUs());
    this.#machine.after(this.#idleAtUs - ranUs, () => {
      if (isLost()) return this.#world.situations.saw("a crash with a record not yet written");
      this.record = record;
      written();
    });
  }
}
