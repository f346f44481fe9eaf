import { failoverSettings } from "../../shared/config/timing.ts";
import { holdingStates, resourceStates } from "../../shared/domain/failover/group-states.ts";
import type { GroupState } from "../../shared/domain/failover/messages.ts";
import type { GroupName } from "../../shared/domain/ids.ts";
import { shortName } from "./cluster.ts";
import type { Host } from "./host.ts";
import type { World } from "./world.ts";

/** Of a clock that is slow, and of what ends the resources of a lease that has run out. */
const [clockTolerance, guardUsMax] = [1.02, 50_000];

/**
 * S2. A machine that stood still and cannot know it counts on its lease for longer than its voters do. Until that has ended by its own clock it may overlap with the next
 * holder; but no longer than until it hears of that one.
 */
export class PauseOracle {
  readonly #world: World;
  readonly #group: GroupName;
  /** True time until which what it counted on before it stood still may last. */
  readonly #staleUntilUs = new Map<Host, number>();

  constructor(world: World, group: GroupName) {
    this.#world = world;
    this.#group = group;
  }

  /** A mere voter's promises last longer for it, which harms nobody. */
  wentOn(host: Host): void {
    const state = host.state?.groups[this.#group]?.state ?? "";
    if (!holdingStates.has(state) && !resourceStates.has(state) && state !== "asking") return;
    const { options, nowUs } = this.#world;
    const leaseMs = options.on.has("detach") ? failoverSettings.longPromiseMsMax : options.timing.leaseMs;
    this.#staleUntilUs.set(host, nowUs + Math.ceil(leaseMs * 1_000 * clockTolerance) + guardUsMax);
  }

  /** What stands still does not run. */
  mayOverlap(one: Host, other: Host): boolean {
    return other.machine.isStill || this.isStale(one) || this.isStale(other);
  }

  /** It counts on what may have run out meanwhile. */
  isStale(host: Host): boolean {
    return this.#world.nowUs <= (this.#staleUntilUs.get(host) ?? -1);
  }

  /** `told` has just arrived: whoever runs the group under a lower epoch has to be gone at once. */
  heard(host: Host, from: Host, told: GroupState, isWrong: (what: string) => void): void {
    const [here, there] = [host.resourcesOf(this.#group), from.resourcesOf(this.#group)];
    const { epoch } = here;
    if (!here.isUp || !resourceStates.has(told.state) || told.epoch <= epoch || host.state?.peers[from.id] === undefined) return;
    this.#world.queue.at(this.#world.nowUs + 1, () => {
      const runsOn = here.isUp && here.epoch === epoch && host.process === "running" && there.isUp && there.epoch === told.epoch;
      if (runsOn) isWrong(`${shortName(host.id)} runs epoch ${epoch} and has heard that ${shortName(from.id)} runs epoch ${told.epoch}`);
    });
  }

  /** What is wrong, where two run it although no pause explains it (any more). */
  unexplained(): string | null {
    const [one, other] = this.#world.hosts.filter((host) => host.resourcesOf(this.#group).isUp && !host.machine.isStill);
    if (one === undefined || other === undefined || this.mayOverlap(one, other)) return null;
    return `${shortName(one.id)} and ${shortName(other.id)} both run it`;
  }
}
