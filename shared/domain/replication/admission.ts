import type { OriginId } from "../ids.ts";
import { timeAfterSeeing } from "./hybrid-clock.ts";
import type { VersionVector } from "./replication-status.ts";
import { seqIn } from "./version-vector.ts";

/**
 * `next`: to be applied now. `known`: here already, passed over. `missing`: something of its origin from `from` on comes before it; or it is this
 * file's own and the file knows nothing of it, so that it has gone back and has to begin a new incarnation first.
 */
export type Admission = { readonly kind: "next" } | { readonly kind: "known" } | { readonly kind: "missing"; readonly from: number };

/** Each origin's changes exactly once and in their order: a change is taken where it is the next of its origin. */
export function admissionOf(has: VersionVector, { origin, seq }: { readonly origin: OriginId; readonly seq: number }): Admission {
  const known = seqIn(has, origin);
  if (seq <= known) return { kind: "known" };
  return seq === known + 1 ? { kind: "next" } : { kind: "missing", from: known + 1 };
}

/** How far a replica is while it applies a unit: what it admits moves its vector and its clock. */
export class Progress {
  readonly #own: OriginId;
  readonly #has: Record<OriginId, number>;
  hlc: number;
  changes = 0;

  /** `own`: under which this file's own writes are counted. */
  constructor(vector: VersionVector, hlc: number, own: OriginId) {
    this.#own = own;
    this.#has = { ...vector };
    this.hlc = hlc;
  }

  get vector(): VersionVector {
    return this.#has;
  }

  admit(change: { readonly origin: OriginId; readonly seq: number; readonly hlc: number }): Admission {
    const admission = admissionOf(this.#has, change);
    if (admission.kind !== "next") return admission;
    if (change.origin === this.#own) return { kind: "missing", from: change.seq };
    this.#has[change.origin] = change.seq;
    this.hlc = timeAfterSeeing(this.hlc, change.hlc);
    this.changes += 1;
    return admission;
  }
}
