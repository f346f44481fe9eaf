import type { DurableRecord } from "../../shared/domain/failover/durable-record.ts";
import { RecordWriter } from "../../shared/voter/record-writer.ts";
import type { Machine } from "./machine.ts";
import type { World } from "./world.ts";

/** `full`: every write fails. `hangs`: none ends before that is over. */
export type DiskTrouble = "full" | "hangs";

const startAgainUs = 1_000_000;

interface Write {
  readonly record: DurableRecord;
  /** Of the run that has asked for it; dead since where it is not the present one. */
  readonly writer: RecordWriter;
  readonly stored: (problem: string | null) => void;
}

/** What one server keeps. Written as the agent does: by one write at a time, always the newest record, and again until it succeeds. */
export class HostDisk {
  /** Set by scenarios: how long each write takes. */
  takesUs: number | null = null;
  record: DurableRecord = { incarnation: 0, epochCeilings: {}, longPromises: {}, soles: {} };
  readonly #world: World;
  readonly #machine: Machine;
  #writer: RecordWriter | null = null;
  #trouble: DiskTrouble | null = null;
  #hanging: Write[] = [];
  #isStartDue = false;
  /** How long each write takes. */
  readonly #takesUs = new WeakMap<DurableRecord, number>();

  constructor(world: World, machine: Machine) {
    this.#world = world;
    this.#machine = machine;
  }

  /** Not everything is on it that was to be written. */
  get isWriting(): boolean {
    return this.#writer?.isWriting === true;
  }

  get trouble(): DiskTrouble | null {
    return this.#trouble;
  }

  /** Another run of the agent. `written` hears of every record when it is on the disk. */
  open(written: (record: DurableRecord) => void): void {
    const writer: RecordWriter = new RecordWriter({
      store: (record, stored) => this.#store({ record, writer, stored }),
      after: (ms, then) => this.#machine.after(ms * 1_000, () => this.#isOf(writer) && then()),
      onWritten: written,
      onTrouble: () => this.#world.situations.saw("a record that could not be written"),
    });
    this.#writer = writer;
  }

  /** The agent has ended: a crash loses what was not written yet. */
  close(): void {
    this.#writer = null;
  }

  write(record: DurableRecord): void {
    this.#takesUs.set(record, this.takesUs ?? this.#world.diskDelayUs());
    this.#writer?.write(record);
  }

  /** The incarnation must be on it before anybody hears of it: whoever starts the agent does so again until that works. */
  tryAgainLater(start: () => void): void {
    if (this.#isStartDue) return;
    this.#isStartDue = true;
    this.#machine.after(startAgainUs, () => {
      this.#isStartDue = false;
      start();
    });
  }

  fall(trouble: DiskTrouble): void {
    this.#trouble = trouble;
  }

  mend(): void {
    this.#trouble = null;
    const hanging = this.#hanging;
    this.#hanging = [];
    for (const write of hanging) this.#store(write);
  }

  #isOf(writer: RecordWriter): boolean {
    return this.#writer === writer;
  }

  #store(write: Write): void {
    this.#machine.after(this.#takesUs.get(write.record) ?? 0, () => this.#end(write));
  }

  #end(write: Write): void {
    const { record, writer, stored } = write;
    const { situations } = this.#world;
    if (!this.#isOf(writer)) {
      situations.saw("a crash with a record not yet written");
      return;
    }
    if (this.#trouble === "hangs") return void this.#hanging.push(write);
    if (this.#trouble === "full") {
      // What fails last is to make the new name last: then the record is there, and nobody may count on it.
      if (this.#world.failsAfterRename()) this.record = record;
      return stored("no space left on device");
    }
    this.record = record;
    stored(null);
  }
}
