import type { GroupName } from "../../shared/domain/ids.ts";
import { whenAloneOf } from "../../shared/domain/membership/when-alone.ts";
import { gatewayId, shortName } from "./cluster.ts";
import type { Host } from "./host.ts";
import { isNetworkGood } from "./swarm.ts";
import type { World } from "./world.ts";

/** One probe takes up to 80 ms, and another may have just begun. */
const probeUsMax = 200_000;

/**
 * S3. Two nodes may overlap for one reason: somebody outside of what they had agreed had one of them go on alone, and the other one, which is not down
 * or has come back, cannot hear that. Once it can, it has a heartbeat to be gone.
 */
export class AloneOracle {
  readonly #world: World;
  readonly #group: GroupName;
  isClaimed = false;
  /** Those that were last had to go on alone, until somebody starts the group without such a word. */
  readonly #claimers = new Set<Host>();
  #togetherSinceUs: number | null = null;

  constructor(world: World, group: GroupName) {
    this.#world = world;
    this.#group = group;
  }

  claimed(host: Host): void {
    this.isClaimed = true;
    this.#claimers.add(host);
  }

  started(host: Host): void {
    if (!this.#claimers.has(host)) this.#claimers.clear();
  }

  /** The newest word counts: what is wrong where the one that alone was told to go on gives way to the other one. */
  yielded(host: Host): string | null {
    if (!this.#claimers.has(host) || this.#claimers.size > 1) return null;
    return `${shortName(host.id)} was had to go on alone, and gives way to a node that was not`;
  }

  /** One of the two starts while the other one runs: where both have heard each other for a while, neither may. */
  mayOverlap(one: Host, other: Host): boolean {
    const { network, nowUs, changedAtUs, options, isHealed } = this.#world;
    const isTogether = (isNetworkGood(options) || isHealed) && network.canTalk(one.id, other.id) && nowUs - changedAtUs > this.#boundUs;
    return this.isClaimed && !isTogether;
  }

  /** What somebody who saw everything would tell a node that is about to go on alone by itself; null: nothing against it. */
  claimProblem(host: Host): string | null {
    const { network, hosts, changedAtUs } = this.#world;
    if (!this.#isProbedSince(changedAtUs)) return null;
    if (!network.canFind(host.id, gatewayId)) return "no gateway answers it";
    const holder = hosts.find((other) => {
      const sinceUs = other.resourcesOf(this.#group).answersSinceUs;
      return other !== host && sinceUs !== null && this.#isProbedSince(sinceUs) && network.canFind(host.id, other.id);
    });
    return holder === undefined ? null : `${shortName(holder.id)} answers for the address`;
  }

  /** A node that probes, and has been cut off from everything for long, must not run the group any more. */
  lostHolder(): string | null {
    const { network, hosts, options } = this.#world;
    if (options.whenAlone !== "probe" || !this.#hasSettled()) return null;
    const holder = hosts.find(
      (host) =>
        host.process === "running" &&
        host.state?.groups[this.#group]?.state === "operational" &&
        whenAloneOf(host.document) === "probe" &&
        !network.canFind(host.id, gatewayId) &&
        hosts.every((other) => other === host || network.wayFrom(other.id, host.id) === undefined),
    );
    return holder === undefined ? null : `${shortName(holder.id)} runs it, and is cut off from the other node and from every gateway`;
  }

  /** A probe was sent and answered since then. */
  #isProbedSince(atUs: number): boolean {
    const { nowUs, options } = this.#world;
    return isNetworkGood(options) && nowUs - atUs > 2 * options.timing.heartbeatIntervalMs * 1_000 + probeUsMax;
  }

  /** Nothing of who reaches whom has changed for so long that a row of probes must have told of it. */
  #hasSettled(): boolean {
    const { nowUs, changedAtUs, options } = this.#world;
    const { leaseMs, suspectAfterMs } = options.timing;
    return this.#isProbedSince(changedAtUs) && nowUs - changedAtUs > (suspectAfterMs.most + 3 * leaseMs) * 1_000 + probeUsMax;
  }

  /** It cannot know what the other one has used. */
  isUnaware(host: Host, epoch: number): boolean {
    return this.isClaimed && (host.state?.groups[this.#group]?.epochSeen ?? 0) <= epoch;
  }

  /** What is wrong, where two have overlapped although the one that has to yield can hear the other. */
  overlapTooLong(): string | null {
    const { nowUs, changedAtUs } = this.#world;
    const running = this.#world.hosts.filter((host) => host.resourcesOf(this.#group).isUp);
    const [one, other] = running;
    if (one === undefined || other === undefined || !this.#hearsLater(one, other)) {
      this.#togetherSinceUs = null;
      return null;
    }
    this.#togetherSinceUs = Math.max(this.#togetherSinceUs ?? nowUs, changedAtUs);
    if (nowUs - this.#togetherSinceUs <= this.#boundUs) return null;
    return `${shortName(one.id)} and ${shortName(other.id)} have both run it for ${(nowUs - this.#togetherSinceUs) / 1_000} ms since they can hear each other`;
  }

  /** A heartbeat, its way, and the time that the look at it may come later. */
  get #boundUs(): number {
    const { heartbeatIntervalMs, leaseMs } = this.#world.options.timing;
    return (2 * heartbeatIntervalMs + leaseMs / 4) * 1_000;
  }

  /** Whether the one under the lower epoch runs, and gets what the other one says, surely and soon. */
  #hearsLater(one: Host, other: Host): boolean {
    const { network, options, isHealed } = this.#world;
    const byEpoch = one.resourcesOf(this.#group).epoch - other.resourcesOf(this.#group).epoch;
    const isLater = byEpoch > 0 || (byEpoch === 0 && one.id > other.id);
    const [later, earlier] = isLater ? [one, other] : [other, one];
    if (!isNetworkGood(options) && !isHealed) return false;
    return later.process === "running" && earlier.process === "running" && network.wayFrom(later.id, earlier.id) !== undefined;
  }
}
