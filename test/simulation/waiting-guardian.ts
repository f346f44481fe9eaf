import type { Detached } from "../../shared/domain/failover/durable-record.ts";
import { usFromMs } from "../../shared/domain/time.ts";
import type { Host } from "./host.ts";
import type { World } from "./world.ts";

/** So long before its lease ends the guardian of an agent that is away takes the resources down. */
const takedownReserveMs = 2_000;

/** The guardian of an agent that is to be started anew: it keeps the resources, and what the agent has left, until the next one comes or it is too late. */
export class WaitingGuardian {
  readonly #world: World;
  readonly #host: Host;
  #kept: Detached | null = null;

  constructor(world: World, host: Host) {
    this.#world = world;
    this.#host = host;
  }

  get isWaiting(): boolean {
    return this.#kept !== null;
  }

  wait(detached: Detached): void {
    this.#kept = detached;
    this.#host.machine.atLocal(detached.untilUs - usFromMs(takedownReserveMs), () => {
      if (this.#kept !== detached) return;
      this.#kept = null;
      this.#world.log(this.#host, "its guardian waits no longer");
      for (const resources of this.#host.resources.values()) resources.outliveAgent();
    });
  }

  /** The next agent has come. Null where nobody waits for it. */
  giveUp(): Detached | null {
    const kept = this.#kept;
    this.#kept = null;
    return kept;
  }

  /** kill -9: what it kept runs on until the kernel's guard ends it, and nobody takes it up again. */
  die(): void {
    this.#kept = null;
  }
}
