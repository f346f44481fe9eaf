import type { OriginId } from "../../shared/domain/ids.ts";
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

  constructor(world: World, host: Host) {
    this.#world = world;
    this.#host = host;
  }

  get status(): readonly DataSetStatus[] {
    if (!this.#world.options.on.has("replication")) return [];
    const vector = { ...this.#vector };
    return [{ name: dataSetName, phase: "following", vector, unacknowledged: { changes: 0, oldestAgeMs: 0 }, behind: 0 }];
  }

  /** Changes of this server's own application, seen or not. */
  get written(): number {
    return this.#written;
  }

  /** How many changes of another server's application have arrived here. */
  has(of: Host): number {
    return this.#vector[originOf(of)] ?? 0;
  }

  write(changes: number): void {
    this.#written += changes;
  }

  /** False where what was written cannot be seen now. */
  look(): boolean {
    if (!this.locked) this.#vector[originOf(this.#host)] = this.#written;
    return !this.locked;
  }

  follow(other: HostData): void {
    for (const [origin, sequence] of Object.entries(other.#vector) as [OriginId, number][]) {
      this.#vector[origin] = Math.max(this.#vector[origin] ?? 0, sequence);
    }
  }
}

function originOf(host: Host): OriginId {
  return `${host.id}:1` as OriginId;
}
