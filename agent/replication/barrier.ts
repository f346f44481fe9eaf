import type { NodeId, OriginId } from "../../shared/domain/ids.ts";
import type { VersionVector } from "../../shared/domain/replication/replication-status.ts";
import { seqIn } from "../../shared/domain/replication/version-vector.ts";

/** What a barrier sees of a replica at any moment. */
export interface BarrierView {
  readonly origin: OriginId | null;
  readonly vector: VersionVector;
  readonly others: readonly NodeId[];
  /** What they have on their disks, as they told last. */
  readonly known: Readonly<Record<NodeId, VersionVector>>;
}

export interface BarrierPassed {
  /** Who has, on its disk, everything that was committed here before the barrier. */
  readonly heldBy: readonly NodeId[];
  readonly tookMs: number;
}

interface Waiting {
  readonly look: () => void;
}

/** Waits until another node has on its disk whatever was committed here up to now. */
export class Barriers {
  readonly #waiting = new Set<Waiting>();

  /** A peer has said something, or a file was looked at. */
  look(): void {
    for (const { look } of this.#waiting) look();
  }

  /** `view` must have been brought up to date just before. Rejects with the cause, worded for a person, where no node has all in time. */
  wait(view: () => BarrierView, timeoutMs: number): Promise<BarrierPassed> {
    const startedMs = performance.now();
    const { origin, vector } = view();
    const upTo = origin === null ? 0 : seqIn(vector, origin);
    const holders = (): NodeId[] => view().others.filter((node) => lackOf(view(), node, upTo) === 0);
    return new Promise((resolve, reject) => {
      const patience = setTimeout(() => end(() => reject(new Error(reasonOf(view(), upTo, timeoutMs)))), timeoutMs);
      const end = (settle: () => void): void => {
        clearTimeout(patience);
        this.#waiting.delete(waiting);
        settle();
      };
      const waiting: Waiting = {
        look: () => {
          const heldBy = holders();
          if (heldBy.length > 0) end(() => resolve({ heldBy, tookMs: Math.round(performance.now() - startedMs) }));
        },
      };
      this.#waiting.add(waiting);
      waiting.look();
    });
  }
}

/** How many of the changes up to a number of this node's own the other one may lack. */
function lackOf({ origin, known }: BarrierView, node: NodeId, upTo: number): number {
  return origin === null ? Number.POSITIVE_INFINITY : Math.max(0, upTo - seqIn(known[node] ?? {}, origin));
}

function reasonOf(view: BarrierView, upTo: number, timeoutMs: number): string {
  const lacks = view.others.map((node) => `${node} lacks ${lackOf(view, node, upTo)}`);
  const who = lacks.length === 0 ? "there is no other" : lacks.join(", ");
  return `no other node has all changes on its disk after ${Math.round(timeoutMs)} ms (${who}): see with \`understudy agent status\` which are in step, and try again`;
}
