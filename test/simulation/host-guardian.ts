import type { NodeEvent } from "../../shared/domain/failover/events.ts";
import { SeededRandom } from "../../shared/domain/seeded-random.ts";
import type { Host } from "./host.ts";
import type { World } from "./world.ts";

/** As the agent does: it asks three times in vain before it kills a guardian that hangs. */
const hangNoticedUs = 1_500_000;
const lookAgainUs = 20_000;

/** The guardian's process beside a living agent: it may die or hang. The agent then ends what it ran, says so to the core, and starts another. */
export class HostGuardian {
  readonly #world: World;
  readonly #host: Host;
  readonly #random: SeededRandom;
  #state: "well" | "hangs" | "dead" = "well";
  /** Every process is another: what was meant for an earlier one finds nobody. */
  #life = 0;

  constructor(world: World, host: Host) {
    this.#world = world;
    this.#host = host;
    this.#random = new SeededRandom(world.options.seed, `guardian of ${host.id}`);
  }

  /** It carries out what it is told. */
  get isWell(): boolean {
    return this.#state === "well";
  }

  /** Orders to it find nobody. */
  get isDead(): boolean {
    return this.#state === "dead";
  }

  /** Another agent has started one, or taken over the one that waited. */
  begin(): void {
    this.#life += 1;
    this.#state = "well";
  }

  /** kill -9. */
  kill(): void {
    this.#world.situations.saw("a guardian that died beside its agent");
    this.#fall("dead", this.#random.between(1_000, 30_000));
  }

  /** It does nothing more, for good. */
  hang(): void {
    this.#world.situations.saw("a guardian that hung beside its agent");
    this.#fall("hangs", hangNoticedUs + this.#random.between(0, 500_000));
  }

  #fall(state: "hangs" | "dead", noticedUs: number): void {
    this.#life += 1;
    this.#state = state;
    this.#world.changed();
    this.#after(noticedUs, () => this.#noticed());
  }

  /** A stopped agent notices nothing. A dead one neither: then it is the kernel's timers that end what runs. */
  #noticed(): void {
    const host = this.#host;
    if (host.process === "down") return this.#world.situations.saw("agent and guardian dead at once");
    if (host.process === "paused") return this.#after(lookAgainUs, () => this.#noticed());
    if (this.#world.mutant?.missesGuardian === false) return;
    this.#state = "dead";
    this.#world.log(host, "its guardian is dead: the agent ends what it ran");
    host.tellStatus();
    for (const event of [...host.resources.values()].flatMap((resources) => this.#swept(resources.sweep()))) host.take(event);
    this.#after(this.#random.between(50_000, 400_000), () => {
      this.begin();
      this.#world.changed();
      this.#world.log(host, "has another guardian");
      host.tellStatus();
    });
  }

  #swept(event: NodeEvent | null): readonly NodeEvent[] {
    return event === null ? [] : [event];
  }

  #after(takesUs: number, run: () => void): void {
    const life = this.#life;
    this.#host.machine.after(takesUs, () => {
      if (life === this.#life) run();
    });
  }
}
