import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { AgreementWatch, type AgreementWatchOptions } from "./agreement-watch.ts";
import { DelegationWatch, type DelegationWatchOptions } from "./delegation-watch.ts";
import { waitOrStop } from "./record-keeper.ts";

/** Of the nodes' answers. A node answers hundreds a second. */
const agreementEveryMs = 2_000;
/** Of the zone above, and as often as the next where it is stale or the document has changed. */
const delegationEveryMs = 60_000;
const delegationSoonMs = 5_000;

export interface ZoneWatches {
  readonly problems: () => readonly string[];
  close(): void;
}

/** Looks at what the nodes answer, and at who they are delegated to, for as long as the agent runs. */
export function openZoneWatches(options: AgreementWatchOptions & DelegationWatchOptions): ZoneWatches {
  const stopping = new AbortController();
  const agreement = new AgreementWatch(options);
  const delegation = new DelegationWatch(options);
  void again(() => agreement.look(), agreementEveryMs, stopping.signal);
  void again(lookAtDelegation(options.document, delegation, options.nowMs), delegationSoonMs, stopping.signal);
  return { problems: () => delegation.problems, close: () => stopping.abort() };
}

/** One look as often as there may be a reason for it, and at least once a minute. */
function lookAtDelegation(document: () => ClusterDocument, delegation: DelegationWatch, nowMs: () => number): () => Promise<void> {
  let last: { readonly document: ClusterDocument; readonly atMs: number } | null = null;
  return async () => {
    const isQuiet = last !== null && last.document === document() && !delegation.isStale && nowMs() - last.atMs < delegationEveryMs;
    if (isQuiet) return;
    last = { document: document(), atMs: nowMs() };
    await delegation.look();
  };
}

async function again(look: () => Promise<void>, everyMs: number, signal: AbortSignal): Promise<void> {
  while (!(await waitOrStop(everyMs, signal))) await look();
}
