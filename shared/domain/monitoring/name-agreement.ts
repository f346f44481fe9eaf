import type { NodeSaid } from "./dns-event.ts";

/** So long may nodes answer one question differently: a change of holder reaches all of them much sooner. */
export const divergenceToldAfterMs = 10_000;

/** What a watcher knows of one question. Times on its own monotonic clock. */
export interface Agreement {
  /** Since when the answers differ; null: they do not. */
  readonly divergedSinceMs: number | null;
  readonly told: boolean;
}

export const inAgreement: Agreement = { divergedSinceMs: null, told: false };

/** What was found at one look. `said`: of the nodes that say anything; who is silent, or cannot say, contradicts nobody. */
export interface AgreementLook {
  readonly atMs: number;
  readonly said: readonly NodeSaid[];
  /** Whether this watcher is the one to tell: else each of them would. */
  readonly tells: boolean;
}

export type AgreementEdge =
  | { readonly kind: "diverged"; readonly forMs: number; readonly said: readonly NodeSaid[] }
  | { readonly kind: "agreed"; readonly divergedMs: number };

/** One look after the other (I-96): told once where the answers differ for too long, and once when they are the same again. */
export function judgedAgreement(
  before: Agreement,
  { atMs, said, tells }: AgreementLook,
): { readonly agreement: Agreement; readonly edge: AgreementEdge | null } {
  const differ = new Set(said.map(({ answer }) => answer)).size > 1;
  const sinceMs = before.divergedSinceMs ?? atMs;
  const forMs = atMs - sinceMs;
  if (!differ) return { agreement: inAgreement, edge: before.told ? { kind: "agreed", divergedMs: forMs } : null };
  const tellsNow = tells && !before.told && forMs > divergenceToldAfterMs;
  return {
    agreement: { divergedSinceMs: sinceMs, told: before.told || tellsNow },
    edge: tellsNow ? { kind: "diverged", forMs, said } : null,
  };
}
