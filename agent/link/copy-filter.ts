import type { NodeId, PathName } from "../../shared/domain/ids.ts";
import type { LanMessage } from "../../shared/protocol/codec.ts";

/** Copies arrive within a heartbeat or two of each other, or the path is as good as dead. */
const keptPerPeer = 32;

interface Taken {
  readonly bytes: Uint8Array;
  readonly path: PathName;
  readonly message: LanMessage;
}

/**
 * Whatever a node says it says on every path, in the same bytes. The first copy is taken; a later one by another path is known by its bytes, so that
 * further paths cost neither decoding nor answers given twice.
 */
export class CopyFilter {
  readonly #taken = new Map<NodeId, Taken[]>();

  /** The message of which this is another path's copy; null where it is new. */
  copied(from: NodeId, path: PathName, bytes: Uint8Array): LanMessage | null {
    const known = this.#taken.get(from)?.find((one) => one.path !== path && Buffer.compare(one.bytes, bytes) === 0);
    return known?.message ?? null;
  }

  take(from: NodeId, path: PathName, bytes: Uint8Array, message: LanMessage): void {
    const taken = this.#taken.get(from) ?? [];
    this.#taken.set(from, [{ bytes, path, message }, ...taken.slice(0, keptPerPeer - 1)]);
  }
}
