const dayMs = 86_400_000;
/** So long before. Every node has to be given the next authority by hand, which takes its time; the next certificate takes a restart. */
const warnDays = { authority: 730, server: 30 } as const;

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
    ...(authority > warnDays.authority
      ? []
      : [
          `this control plane's authority ${ending(authority)}: make another one and give it to every node (functions/README.md, Another authority)`,
        ]),
    ...(server > warnDays.server
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
