import { closeSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import type { TableShape } from "../../shared/domain/replication/change.ts";
import { decodeFrame, encodeFrame, type FrameOf, frameHeaderBytes, frameLength } from "../../shared/protocol/replication-frames.ts";
import type { LoggedChange } from "./change-log.ts";

type ChangesFrame = FrameOf<"changes">;

/** Beyond this the frames of one unit wait on disk. */
const inMemoryBytesMax = 32 * 1_024 * 1_024;

/**
 * Frames of changes that a replica must show at once: collected until the final one. One application transaction may be of any
 * size, so what does not fit in a bounded memory is spooled to a file.
 */
export class IncomingUnit {
  readonly #spoolPath: string;
  #frames: ChangesFrame[] = [];
  #bytes = 0;
  #spool: number | undefined;

  constructor(spoolPath: string) {
    this.#spoolPath = spoolPath;
  }

  add(frame: ChangesFrame): void {
    this.#frames.push(frame);
    for (const change of frame.changes) this.#bytes += change[6].length + 64;
    if (this.#bytes < inMemoryBytesMax) return;
    this.#spool ??= openSync(this.#spoolPath, "w+", 0o600);
    for (const kept of this.#frames) writeSync(this.#spool, encodeFrame(kept));
    this.#frames = [];
    this.#bytes = 0;
  }

  *changes(): Generator<LoggedChange> {
    if (this.#spool !== undefined) yield* this.#spooled(this.#spool);
    for (const frame of this.#frames) yield* changesOf(frame);
  }

  clear(): void {
    this.#frames = [];
    this.#bytes = 0;
    if (this.#spool === undefined) return;
    closeSync(this.#spool);
    this.#spool = undefined;
    rmSync(this.#spoolPath, { force: true });
  }

  *#spooled(spool: number): Generator<LoggedChange> {
    const header = Buffer.alloc(frameHeaderBytes);
    let at = 0;
    while (readSync(spool, header, 0, frameHeaderBytes, at) === frameHeaderBytes) {
      const body = Buffer.alloc(frameLength(header));
      readSync(spool, body, 0, body.length, at + frameHeaderBytes);
      at += frameHeaderBytes + body.length;
      yield* changesOf(decodeFrame(body) as ChangesFrame);
    }
  }
}

/** A frame that refers to what it does not carry, or whose rows do not fit their tables. */
export class BrokenChanges extends Error {}

function* changesOf(frame: ChangesFrame): Generator<LoggedChange> {
  for (const [originIndex, seq, hlc, contextIndex, shapeIndex, operation, row, epoch] of frame.changes) {
    const [origin, context, shape] = [frame.origins[originIndex], frame.contexts[contextIndex], frame.shapes[shapeIndex]];
    if (origin === undefined || context === undefined || shape === undefined || shape.key.some((at) => at >= shape.columns.length)) {
      throw new BrokenChanges(`change ${seq} refers to something that its frame does not carry`);
    }
    yield { origin, seq, hlc, epoch, context, shape, operation, row };
  }
}

/** Packs changes into one frame, each origin, context and shape once. */
export function packChanges(
  about: Pick<ChangesFrame, "dataSet" | "schema">,
  changes: readonly LoggedChange[],
  final: boolean,
): ChangesFrame {
  const origins = new Map<LoggedChange["origin"], number>();
  const contexts = new Map<LoggedChange["context"], number>();
  const shapes = new Map<LoggedChange["shape"], number>();
  const packed = changes.map(({ origin, seq, hlc, epoch, context, shape, operation, row }): ChangesFrame["changes"][number] => [
    placeOf(origins, origin),
    seq,
    hlc,
    placeOf(contexts, context),
    placeOf(shapes, shape),
    operation,
    row,
    ...(epoch === undefined ? ([] as const) : ([epoch] as const)),
  ]);
  return {
    type: "changes",
    ...about,
    origins: [...origins.keys()],
    contexts: [...contexts.keys()].map((vector) => ({ ...vector })),
    shapes: [...shapes.keys()].map(packShape),
    changes: packed,
    final,
  };
}

function packShape({ table, columns, key, conflicts }: TableShape): ChangesFrame["shapes"][number] {
  const shape = { table, columns: [...columns], key: [...key] };
  if (conflicts === undefined) return shape;
  return { ...shape, conflicts: conflicts.policy === "priority" ? { ...conflicts, order: [...conflicts.order] } : conflicts };
}

function placeOf<Thing>(places: Map<Thing, number>, thing: Thing): number {
  const known = places.get(thing);
  if (known !== undefined) return known;
  places.set(thing, places.size);
  return places.size - 1;
}
