import type { OriginId } from "../ids.ts";
import { timeAfterSeeing } from "./hybrid-clock.ts";
import type { VersionVector } from "./replication-status.ts";
import { entriesOf, seqIn } from "./version-vector.ts";

/**
 * `next`: to be applied now. `known`: here already, passed over. `missing`: changes `from` to `to` of `origin` come before it; or it is this
 * file's own and the file knows nothing of it, so that it has gone back and has to begin a new incarnation first.
 */
export type Admission =
  | { readonly kind: "next" }
  | { readonly kind: "known" }
  | { readonly kind: "missing"; readonly origin: OriginId; readonly from: number; readonly to: number };

/** What is asked of a change before it is applied. */
export interface Admitted {
  readonly origin: OriginId;
  readonly seq: number;
  readonly context: VersionVector;
}

/**
 * Each origin's changes exactly once and in their order, and none before what it was made in knowledge of: so a write that comes can only know what is
 * here, and nothing that is here knows it.
 */
export function admissionOf(has: VersionVector, { origin, seq, context }: Admitted, isContextHere = false): Admission {
  const known = seqIn(has, origin);
  if (seq <= known) return { kind: "known" };
  if (seq > known + 1) return { kind: "missing", origin, from: known + 1, to: seq - 1 };
  if (isContextHere) return { kind: "next" };
  const [lacking] = entriesOf(context).filter(([other, upTo]) => other !== origin && upTo > seqIn(has, other));
  if (lacking === undefined) return { kind: "next" };
  return { kind: "missing", origin: lacking[0], from: seqIn(has, lacking[0]) + 1, to: lacking[1] };
}

/** How far a replica is while it applies a unit: what it admits moves its vector and its clock. */
export class Progress {
  readonly #own: OriginId;
  readonly #has: Record<OriginId, number>;
  /** The context that was looked at last: changes of one frame share theirs, and what is here stays here. */
  #contextHere: VersionVector | undefined;
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

  admit(change: Admitted & { readonly hlc: number }): Admission {
    const { origin, seq, context } = change;
    const admission = admissionOf(this.#has, change, this.#contextHere === context);
    if (admission.kind !== "next") return admission;
    if (origin === this.#own) return { kind: "missing", origin, from: seq, to: seq };
    this.#contextHere = context;
    this.#has[origin] = seq;
    this.hlc = timeAfterSeeing(this.hlc, change.hlc);
    this.changes += 1;
    return admission;
  }
}
