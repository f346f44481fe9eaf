import type { GroupName, OriginId } from "../../shared/domain/ids.ts";
import type { DataSetStatus } from "../../shared/domain/replication/replication-status.ts";
import { dataSetName } from "./cluster.ts";
import type { Host } from "./host.ts";
import type { World } from "./world.ts";

/** How far a server has each origin's changes: just enough of replication for readiness and for the wait of a switchover. */
export class HostData {
  /** Another process keeps the database locked: what is written meanwhile is not seen. */
  locked = false;
  readonly #world: World;
  readonly #host: Host;
  /** What replication has seen; the rest of what was written is known to nobody yet. */
  #vector: Record<OriginId, number> = {};
  #written = 0;
  readonly #writtenBy = new Map<GroupName, number>();

  constructor(world: World, host: Host) {
    this.#world = world;
    this.#host = host;
  }

  get status(): readonly DataSetStatus[] {
    if (!this.#world.options.on.has("replication")) return [];
    const vector = { ...this.#vector };
    return [{ name: dataSetName, phase: "following", vector, unacknowledged: { changes: 0, oldestAgeMs: 0 }, behind: 0 }];
  }

  /** The number of the last change that the group's application has made on this server, seen or not. */
  writtenBy(group: GroupName): number {
    return this.#writtenBy.get(group) ?? 0;
  }

  /** How many changes of another server's applications have arrived here. */
  has(of: Host): number {
    return this.#vector[originOf(of)] ?? 0;
  }

  /** All groups' applications write to the same data. */
  write(group: GroupName, changes: number): void {
    this.#written += changes;
    if (changes > 0) this.#writtenBy.set(group, this.#written);
  }

  /** False where what was written cannot be seen now. */
  look(): boolean {
    if (!this.locked) this.#vector[originOf(this.#host)] = this.#written;
    return !this.locked;
  }

  /** What this server could send to another now. */
  get seen(): Readonly<Record<OriginId, number>> {
    return { ...this.#vector };
  }

  follow(seen: Readonly<Record<OriginId, number>>): void {
    for (const [origin, sequence] of Object.entries(seen) as [OriginId, number][]) {
      this.#vector[origin] = Math.max(this.#vector[origin] ?? 0, sequence);
    }
  }
}

function originOf(host: Host): OriginId {
  return `${host.id}:1` as OriginId;
}
