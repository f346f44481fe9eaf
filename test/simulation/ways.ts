import type { NodeId } from "../../shared/domain/ids.ts";

/** Ways from one node to another, each in its own direction: for the network's cuts, which are asked for with every message. */
export class Ways {
  readonly #byStart = new Map<NodeId, Set<NodeId>>();

  add(from: NodeId, to: NodeId): void {
    const ends = this.#byStart.get(from);
    if (ends === undefined) this.#byStart.set(from, new Set([to]));
    else ends.add(to);
  }

  delete(from: NodeId, to: NodeId): void {
    this.#byStart.get(from)?.delete(to);
  }

  has(from: NodeId, to: NodeId): boolean {
    return this.#byStart.get(from)?.has(to) === true;
  }

  clear(): void {
    this.#byStart.clear();
  }
}
