import { join } from "node:path";
import type { NodeId } from "../../shared/domain/ids.ts";
import type { ApplyOutcome } from "../../shared/domain/replication/exchange-events.ts";
import type { FrameOf } from "../../shared/protocol/replication-frames.ts";
import { BrokenChanges, IncomingUnit } from "./incoming-unit.ts";
import type { Replica } from "./replica.ts";
import { ChangesMissing, SchemaDiffers, SchemaMoved } from "./sqlite-apply.ts";
import { isLocked, problemOf } from "./sqlite-problem.ts";

/** The changes that one stream brings: collected to units, and applied a unit at a time. */
export class IncomingChanges {
  readonly #spoolPrefix: string;
  readonly #units = new Map<string, IncomingUnit>();
  /** What stood in the way last, by data set. */
  readonly #problems = new Map<string, unknown>();

  /** `stream` keeps two streams of one peer apart. */
  constructor(peer: NodeId, stream: number, dataDir: string) {
    this.#spoolPrefix = join(dataDir, `incoming-${peer}-${stream}`);
  }

  /** False where the frame could not be kept, since the spool's disk is full, most likely; what it held comes again. */
  keep(frame: FrameOf<"changes">): boolean {
    try {
      this.#unitOf(frame.dataSet).add(frame);
      return true;
    } catch (error) {
      this.#problems.set(frame.dataSet, error);
      return false;
    }
  }

  apply(replica: Replica): ApplyOutcome {
    try {
      replica.apply(this.#unitOf(replica.name).changes());
      return { kind: "applied" };
    } catch (error) {
      this.#problems.set(replica.name, error);
      if (error instanceof SchemaMoved) return { kind: "schema-moved" };
      if (isLocked(error)) return { kind: "locked" };
      if (error instanceof ChangesMissing) return { kind: "missing" };
      if (error instanceof BrokenChanges || error instanceof RangeError) return { kind: "broken", reason: error.message };
      return { kind: "failed" };
    }
  }

  /** What stood in the way last, for people. */
  problemWith({ name, path }: Replica): string {
    const problem = this.#problems.get(name);
    return problem instanceof SchemaDiffers
      ? `changes of other nodes wait: ${problem.message}. They are kept where they are`
      : problemOf(problem, path).message;
  }

  /** Null: of all data sets. */
  discard(dataSet: string | null): void {
    for (const [name, unit] of this.#units) if (dataSet === null || name === dataSet) unit.clear();
  }

  #unitOf(dataSet: string): IncomingUnit {
    const known = this.#units.get(dataSet);
    if (known !== undefined) return known;
    const unit = new IncomingUnit(`${this.#spoolPrefix}-${dataSet}.spool`);
    this.#units.set(dataSet, unit);
    return unit;
  }
}
