import type { ClusterId, CustomerId } from "../../shared/domain/ids.ts";
import { announce } from "../../shared/domain/incidents/announce.ts";
import { gather } from "../../shared/domain/incidents/gather.ts";
import { type IncidentBook, isFull } from "../../shared/domain/incidents/incident.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { ClusterEvent } from "../../shared/domain/monitoring/cluster-event.ts";
import type { Dependencies } from "../dependencies.ts";
import { announcementMessage } from "../notify/announcement-message.ts";
import type { StoredBook } from "../store/incident-store.ts";
import type { OutgoingAlert } from "../store/outgoing-alert-store.ts";
import { alertNames } from "./alert-names.ts";
import { refreshIncidents } from "./refresh-summary.ts";

/** Each lost race means that somebody else has made progress; after so many in a row something else is wrong. */
const attemptsMax = 20;

/** Events are pending for a cluster that is not in the store: one that was removed, or a fault of ours. */
export class ClusterGoneError extends Error {
  override readonly name = "ClusterGoneError";

  constructor(clusterId: ClusterId) {
    super(`events are pending for ${clusterId}, which is not in the store`);
  }
}

/** What to change in the book, from the newest one: called again where somebody was faster. */
type BookChange = (book: IncidentBook) => Promise<IncidentBook> | IncidentBook;

/**
 * Changes a cluster's book of incidents, and says what is due to be told. The book and its announcements are saved together, then the announcements are put into
 * the outbox: killed anywhere, the next call goes on from there, and nothing is announced twice or left out. Safe to run twice at once.
 */
export async function settleIncidents(
  dependencies: Dependencies,
  clusterId: ClusterId,
  change: BookChange = (book) => book,
): Promise<IncidentBook> {
  const book = await settleBook(dependencies, clusterId, change);
  // Also where nothing was changed: whoever changed it may have been killed here.
  await refreshIncidents(dependencies, book);
  return book;
}

async function settleBook(dependencies: Dependencies, clusterId: ClusterId, change: BookChange): Promise<IncidentBook> {
  const { stores, nowMs } = dependencies;
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const stored = await stores.incidents.find(clusterId);
    await putOut(dependencies, stored);
    const next = await nextBook(dependencies, stored, change);
    if (next === null) return stored.book;
    if ((await stores.incidents.save(next)) === "overtaken") continue;
    await putOut(dependencies, next);
    if (next.outgoing.length > 0) {
      const dueMs = await dueWithoutOutgoing(dependencies, next);
      // Overtaken here, somebody else has put them out as well.
      await stores.incidents.save({ book: next.book, outgoing: [], dueMs, version: next.version + 1 });
      // One save holds a few announcements; the next ones follow.
      if (dueMs !== null && dueMs <= nowMs()) return settleBook(dependencies, clusterId, (book) => book);
    }
    return next.book;
  }
  throw new Error(`the incidents of ${clusterId} were changed by others ${attemptsMax} times in a row at ${nowMs()}`);
}

/** After a change of how the customer is told: what is due by it goes out, and what is held by it waits. A crash in between leaves that to the times known before. */
export async function settleIncidentsOf(dependencies: Dependencies, customerId: CustomerId): Promise<void> {
  for (const { document } of await dependencies.stores.clusters.listOfCustomer(customerId)) {
    await settleIncidents(dependencies, document.clusterId);
  }
  dependencies.alertPending();
}

/** Before a full book is asked again whether it has room. */
const fullForMs = 5_000;

/** Takes events into their cluster's book: each once, whoever calls and however often. What a full book does not take waits, behind what others have. */
export async function takeEvents(dependencies: Dependencies, clusterId: ClusterId, events: readonly ClusterEvent[]): Promise<void> {
  const { stores, nowMs } = dependencies;
  let left = events;
  let before: number;
  do {
    before = left.length;
    left = await takeSome(dependencies, clusterId, left);
    // A book that has told what it held may have room again.
  } while (left.length > 0 && left.length < before);
  for (const event of left) await stores.alertInbox.postpone(event, nowMs() + fullForMs);
}

/** Returns those for which the book has no room. */
async function takeSome(
  dependencies: Dependencies,
  clusterId: ClusterId,
  events: readonly ClusterEvent[],
): Promise<readonly ClusterEvent[]> {
  const { stores, nowMs } = dependencies;
  let left: readonly ClusterEvent[] = [];
  await settleIncidents(dependencies, clusterId, async (book) => {
    // Asked after the book was read: one that is still pending can be in no book but this one.
    const pending = await Promise.all(events.map((event) => stores.alertInbox.isPending(event)));
    const waiting = events.filter((_event, index) => pending[index]);
    let next = book;
    let taken = 0;
    for (const event of waiting) {
      if (isFull(next)) break;
      next = gather(next, { event, atMs: Date.parse(event.at), arrivedMs: nowMs() });
      taken += 1;
    }
    left = waiting.slice(taken);
    return next;
  });
  for (const event of events) if (!left.includes(event)) await stores.alertInbox.markTaken(event, nowMs());
  return left;
}

async function putOut({ stores }: Dependencies, { outgoing }: StoredBook): Promise<void> {
  for (const alert of outgoing) await stores.outgoingAlerts.add(alert);
}

/** Null where nothing would change. */
async function nextBook(dependencies: Dependencies, stored: StoredBook, change: BookChange): Promise<StoredBook | null> {
  const { clusterId } = stored.book;
  const changed = await change(stored.book);
  const { document, circumstances } = await circumstancesOf(dependencies, clusterId);
  const { book, announcements, archived, dueMs } = announce(changed, circumstances);
  const isSame = changed === stored.book && announcements.length === 0 && archived.length === 0 && stored.outgoing.length === 0;
  if (isSame && stored.dueMs === dueMs && JSON.stringify(book) === JSON.stringify(stored.book)) return null;
  for (const incident of archived) await dependencies.stores.incidents.archive(clusterId, incident);
  const names = await alertNames(dependencies, document);
  const outgoing = announcements.flatMap((announcement) =>
    announcement.levels.map(
      (level): OutgoingAlert => ({
        customerId: document.customerId,
        clusterId,
        incident: announcement.incident.number,
        number: announcement.number,
        level,
        message: announcementMessage(clusterId, announcement, circumstances.nowMs, names),
        announcedMs: circumstances.nowMs,
      }),
    ),
  );
  // What is not put out yet is due at once, for whoever comes after a crash.
  return { book, outgoing, dueMs: outgoing.length > 0 ? circumstances.nowMs : dueMs, version: stored.version + 1 };
}

async function dueWithoutOutgoing(dependencies: Dependencies, { book }: StoredBook): Promise<number | null> {
  const { circumstances } = await circumstancesOf(dependencies, book.clusterId);
  const { announcements, dueMs } = announce(book, circumstances);
  return announcements.length > 0 ? circumstances.nowMs : dueMs;
}

async function circumstancesOf({ stores, nowMs }: Dependencies, clusterId: ClusterId) {
  const cluster = await stores.clusters.find(clusterId);
  if (cluster === undefined) throw new ClusterGoneError(clusterId);
  const document: ClusterDocument = cluster.document;
  const [settings, windows] = await Promise.all([
    stores.alertSettings.find(document.customerId),
    stores.alertSettings.windows(document.customerId),
  ]);
  const { escalateAfterMinutes } = settings;
  const circumstances = {
    nowMs: nowMs(),
    groups: document.groups.length,
    windows,
    escalateAfterMs: escalateAfterMinutes === null ? null : escalateAfterMinutes * 60_000,
  };
  return { document, circumstances };
}
