/** From when to when a certificate is good, on the clock of the wall. */
export interface CertificateLife {
  readonly fromMs: number;
  readonly untilMs: number;
}

const dayMs = 86_400_000;
/** For how many days a certificate is good where a node's settings say nothing else. */
export const usualLifeDays = 90;
/** A third of its life is left for trying: a control plane that is away for less costs nobody anything. */
const lastPartOf = 3;
const warnedDays = [30, 14, 7, 1] as const;

/** When a node makes itself another key: at two thirds of its certificate's life, or of `lifeMs` where that is shorter by now. */
export function rotationDueAtMs({ fromMs, untilMs }: CertificateLife, lifeMs: number): number {
  const ownLifeMs = Math.min(untilMs - fromMs, lifeMs);
  return fromMs + ownLifeMs - Math.round(ownLifeMs / lastPartOf);
}

/** `daysLeft` 0: it has expired. */
export interface CertificateNotice {
  readonly daysLeft: number;
  /** The same for as long as the same is to be told: 30, 14, 7, 1 or 0. */
  readonly key: number;
}

/**
 * What people are to be told of a certificate that should have been renewed by now; null: nothing. The third of its life in which it is renewed
 * by itself counts as late only from the next of these days on: thirty days before its end one of ninety days is not late yet.
 */
export function certificateNotice({ fromMs, untilMs }: CertificateLife, nowMs: number): CertificateNotice | null {
  const leftMs = untilMs - nowMs;
  if (leftMs <= 0) return { daysLeft: 0, key: 0 };
  const key = warnedDays.findLast((days) => leftMs <= days * dayMs && days * dayMs * lastPartOf < untilMs - fromMs);
  return key === undefined ? null : { daysLeft: Math.ceil(leftMs / dayMs), key };
}
