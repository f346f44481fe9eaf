import type { ClusterId, EventId } from "../../shared/domain/ids.ts";
import type { ClusterEvent } from "../../shared/domain/monitoring/cluster-event.ts";
import { clusterEventSchema } from "../../shared/protocol/event-schema.ts";
import type { DynamoTable, Item } from "./dynamo-table.ts";
import type { EventPage, EventStore } from "./event-store.ts";
import { keyOf, listingOf, sortableMs } from "./table-keys.ts";

export class DynamoEventStore implements EventStore {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async add(event: ClusterEvent): Promise<"stored" | "known"> {
    const listing = { ...listingOf.eventsOf(event.clusterId), listSk: `${sortableMs(Date.parse(event.at))}#${event.eventId}` };
    const stored = await this.#table.putIfAbsent({ ...keyOf.event(event.clusterId, event.eventId), ...listing, event });
    return stored ? "stored" : "known";
  }

  async find(clusterId: ClusterId, eventId: EventId): Promise<ClusterEvent | undefined> {
    const item = await this.#table.get(keyOf.event(clusterId, eventId));
    return item === undefined ? undefined : eventOf(item);
  }

  async page(
    clusterId: ClusterId,
    options: { readonly limit: number; readonly from?: string; readonly beforeMs?: number },
  ): Promise<EventPage | "bad-position"> {
    const after = options.from === undefined ? undefined : positionOf(clusterId, options.from);
    if (options.from !== undefined && after === undefined) return "bad-position";
    const { items, last } = await this.#table.listingPage(listingOf.eventsOf(clusterId).listPk, {
      limit: options.limit,
      newestFirst: true,
      ...(after === undefined ? {} : { after }),
      ...(options.beforeMs === undefined ? {} : { upTo: sortableMs(options.beforeMs) }),
    });
    const events = items.map(eventOf);
    return last === undefined ? { events } : { events, next: last["listSk"] as string };
  }
}

/** The keys of a page's last item are built again from its place in the list, so that a caller can never point into another cluster. */
function positionOf(clusterId: ClusterId, place: string): Item | undefined {
  const eventId = /^\d{15}#([\w./:-]{1,200})$/.exec(place)?.[1];
  if (eventId === undefined) return undefined;
  return { ...keyOf.event(clusterId, eventId as EventId), ...listingOf.eventsOf(clusterId), listSk: place };
}

/** Read by the schema, which knows what earlier forms of an event did not tell. */
function eventOf(item: Item): ClusterEvent {
  return clusterEventSchema.parse(item["event"]);
}
