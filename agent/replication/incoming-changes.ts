import { join } from "node:path";
import type { NodeId } from "../../shared/domain/ids.ts";
import type { FrameOf } from "../../shared/protocol/replication-frames.ts";
import { BrokenChanges, IncomingUnit } from "./incoming-unit.ts";
import type { Replica } from "./replica.ts";
import { ChangesMissing, SchemaMoved } from "./sqlite-apply.ts";
import { isLocked } from "./sqlite-problem.ts";

/**
 * What became of a frame: `kept` until its unit is whole; `applied`, be it that all was known already; `dropped`, since this replica cannot
 * apply now: to be asked for when it can; `missing`, since it does not join on to what is here: to be asked for at once; `broken`, with its reason.
 */
export type Outcome = "kept" | "applied" | "dropped" | "missing" | { readonly broken: string };

const lockedRetryMs = 20;
/** A lock that lasts longer is a problem to tell, and no reason to keep the peer's frames waiting here. */
const lockedPatienceMs = 1_500;
const schemaRetriesMax = 10;

let opened = 0;

/** The changes that one stream brings: collected to units, and applied a unit at a time. */
export class IncomingChanges {
  readonly #peer: NodeId;
  readonly #dataDir: string;
  readonly #stream: number;
  readonly #units = new Map<string, IncomingUnit>();

  constructor(peer: NodeId, dataDir: string) {
    this.#peer = peer;
    this.#dataDir = dataDir;
    opened += 1;
    this.#stream = opened;
  }

  async take(frame: FrameOf<"changes">, replica: Replica): Promise<Outcome> {
    const unit = this.#unitOf(frame.dataSet);
    try {
      if (replica.holding) return "dropped";
      unit.add(frame);
      if (!frame.final) return "kept";
      return await apply(replica, unit);
    } catch (error) {
      // The spool's disk is full, most likely; what it held comes again.
      replica.hold(error);
      return "dropped";
    } finally {
      if (frame.final || replica.holding) unit.clear();
    }
  }

  clear(): void {
    for (const unit of this.#units.values()) unit.clear();
  }

  #unitOf(dataSet: string): IncomingUnit {
    const known = this.#units.get(dataSet);
    if (known !== undefined) return known;
    // The number keeps two streams of one peer apart.
    const unit = new IncomingUnit(join(this.#dataDir, `incoming-${dataSet}-${this.#peer}-${this.#stream}.spool`));
    this.#units.set(dataSet, unit);
    return unit;
  }
}

async function apply(replica: Replica, unit: IncomingUnit): Promise<Outcome> {
  const startedAtMs = performance.now();
  for (let attempt = 0; ; attempt += 1) {
    try {
      replica.apply(unit.changes());
      return "applied";
    } catch (error) {
      if (error instanceof SchemaMoved && attempt < schemaRetriesMax) continue;
      if (isLocked(error) && performance.now() - startedAtMs < lockedPatienceMs) {
        await new Promise((resolve) => setTimeout(resolve, lockedRetryMs));
        if (replica.following) continue;
        return "dropped";
      }
      if (error instanceof ChangesMissing) return "missing";
      if (error instanceof BrokenChanges || error instanceof RangeError) return { broken: error.message };
      replica.hold(error);
      return "dropped";
    }
  }
}
