import type { OriginId } from "../../shared/domain/ids.ts";
import type { DataSetStatus } from "../../shared/domain/replication/replication-status.ts";
import { dataSetName } from "./cluster.ts";
import type { Host } from "./host.ts";
import type { World } from "./world.ts";

/** How far a server has each origin's changes: just enough of replication for readiness and for the wait of a switchover. */
export class HostData {
  readonly #world: World;
  readonly #host: Host;
  #vector: Record<OriginId, number> = {};

  constructor(world: World, host: Host) {
    this.#world = world;
    this.#host = host;
  }

  get status(): readonly DataSetStatus[] {
    if (!this.#world.options.on.has("replication")) return [];
    const vector = { ...this.#vector };
    return [{ name: dataSetName, phase: "following", vector, unacknowledged: { changes: 0, oldestAgeMs: 0 }, behind: 0 }];
  }

  write(changes: number): void {
    const origin = `${this.#host.id}:1` as OriginId;
    this.#vector[origin] = (this.#vector[origin] ?? 0) + changes;
  }

  follow(other: HostData): void {
    for (const [origin, sequence] of Object.entries(other.#vector) as [OriginId, number][]) {
      this.#vector[origin] = Math.max(this.#vector[origin] ?? 0, sequence);
    }
  }
}
