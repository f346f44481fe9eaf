const dayMs = 86_400_000;
/** Every node has to be given the next one by hand: that takes its time. */
const warnDays = 2 * 365;

/** Whose certificates the control plane shows, and until when. */
export interface OwnCertificates {
  readonly authorityUntilMs: number;
  readonly serverUntilMs: number;
}

/** What has to be done, and by when, before agents refuse the control plane; in sentences, none where nothing is due. */
export function certificateWarnings({ authorityUntilMs, serverUntilMs }: OwnCertificates, nowMs: number): readonly string[] {
  const authority = daysLeft(authorityUntilMs, nowMs);
  const server = daysLeft(serverUntilMs, nowMs);
  return [
    ...(authority > warnDays
      ? []
      : [
          `this control plane's authority ${ending(authority)}: make another one and give it to every node (functions/README.md, Another authority)`,
        ]),
    ...(server > warnDays / 24
      ? []
      : [`the certificate of its broker and its API ${ending(server)}: start the control plane anew, and it makes itself another one`]),
  ];
}

function ending(days: number): string {
  return days <= 0 ? "has ended, and agents refuse it" : `ends in ${days} days`;
}

function daysLeft(untilMs: number, nowMs: number): number {
  return Math.floor((untilMs - nowMs) / dayMs);
}
