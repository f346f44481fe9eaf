import type { NodeId } from "../../shared/domain/ids.ts";
import { shortName } from "./cluster.ts";
import { isForgotten } from "./forgotten.ts";
import type { Host } from "./host.ts";
import type { World } from "./world.ts";

/** The highest number that a voter has promised: since its disk was last put back to an earlier time, and before that. */
interface Promised {
  readonly since: number;
  readonly before: number;
}

/** S4: what a voter promises never goes back, whatever became of it in between. */
export class PromiseOracle {
  readonly #world: World;
  readonly #promised = new Map<NodeId, Promised>();
  /** Numbers that a voter has promised anew which had forgotten its own, and whom it has promised them to. */
  readonly #anew = new Map<number, Set<NodeId>>();

  constructor(world: World) {
    this.#world = world;
  }

  /** What is wrong with that promise, or null. */
  promised(from: Host, to: NodeId, epoch: number): string | null {
    const { since, before } = this.#of(from);
    this.#promised.set(from.id, { since: Math.max(since, epoch), before });
    if (epoch < since) return `${shortName(from.id)} promises epoch ${epoch} after ${since}`;
    if (epoch > before || !isForgotten(this.#world, from))
      return epoch < before ? `${shortName(from.id)} promises epoch ${epoch} after ${before}` : null;
    this.#world.situations.saw("a voter that was put back and is remembered by nobody");
    this.#anew.set(epoch, (this.#anew.get(epoch) ?? new Set()).add(to));
    return null;
  }

  /** Its disk was put back: what it has promised is promised all the same, as long as anybody remembers. */
  putBack({ id }: Host): void {
    const { since, before } = this.#promised.get(id) ?? { since: 0, before: 0 };
    this.#promised.set(id, { since: 0, before: Math.max(since, before) });
  }

  /** Whether the holder may have this number although it, or a higher one, was used: a voter that has forgotten has promised it to it, or the holder has itself. */
  isAnew(holder: Host, epoch: number): boolean {
    return this.#anew.get(epoch)?.has(holder.id) === true || (epoch <= this.#of(holder).before && isForgotten(this.#world, holder));
  }

  #of({ id }: Host): Promised {
    return this.#promised.get(id) ?? { since: 0, before: 0 };
  }
}
