import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { ClusterId } from "../../shared/domain/ids.ts";
import { emptyBook, type Incident, type IncidentBook } from "../../shared/domain/incidents/incident.ts";
import type { DynamoTable, Item } from "./dynamo-table.ts";
import type { IncidentStore, StoredBook } from "./incident-store.ts";
import type { OutgoingAlert } from "./outgoing-alert-store.ts";
import { below, clusterPk, keyOf, listingOf, sortable, sortableMs } from "./table-keys.ts";

/** What changes together or not at all. */
type Packed = Pick<StoredBook, "book" | "outgoing">;

/** The whole book is one item, packed to stay below the 400 KB that one may have, so that incidents and what is told of them change together. */
export class DynamoIncidentStore implements IncidentStore {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async find(clusterId: ClusterId): Promise<StoredBook> {
    const item = await this.#table.get(keyOf.incidentBook(clusterId));
    if (item === undefined) return { book: emptyBook(clusterId), outgoing: [], dueMs: null, version: 0 };
    return {
      ...unpacked(item),
      dueMs: (item["dueMs"] as number | undefined) ?? null,
      version: item["version"] as number,
    };
  }

  async save({ book, outgoing, dueMs, version }: StoredBook): Promise<"saved" | "overtaken"> {
    const { clusterId } = book;
    const listing = dueMs === null ? {} : { ...listingOf.dueIncidents, listSk: `${sortableMs(dueMs)}#${clusterId}`, dueMs };
    const saved = await this.#table.put(
      { ...keyOf.incidentBook(clusterId), ...listing, clusterId, packed: packed({ book, outgoing }), version },
      version === 1
        ? { ConditionExpression: "attribute_not_exists(pk)" }
        : { ConditionExpression: "version = :previous", ExpressionAttributeValues: { ":previous": version - 1 } },
    );
    return saved ? "saved" : "overtaken";
  }

  async due(nowMs: number, limit: number): Promise<readonly ClusterId[]> {
    const { items } = await this.#table.listingPage(listingOf.dueIncidents.listPk, { limit, upTo: `${sortableMs(nowMs)}~` });
    return items.map((item) => (item["clusterId"] as ClusterId | undefined) ?? unpacked(item).book.clusterId);
  }

  async archive(clusterId: ClusterId, incident: Incident): Promise<void> {
    await this.#table.put({ ...keyOf.incident(clusterId, incident.number), incident });
  }

  async archived(
    clusterId: ClusterId,
    { limit, before }: { readonly limit: number; readonly before?: number },
  ): Promise<readonly Incident[]> {
    const from = below.incident + (before === undefined ? "~" : sortable(before));
    const items = await this.#table.newestBefore({ pk: clusterPk(clusterId), sk: from }, limit);
    return items.filter(({ sk }) => String(sk).startsWith(below.incident)).map((item) => item["incident"] as Incident);
  }
}

function packed(content: Packed): Uint8Array {
  return deflateRawSync(JSON.stringify(content));
}

/** The first ones were not packed. */
function unpacked(item: Item): Packed {
  const bytes = item["packed"] as Uint8Array | undefined;
  if (bytes !== undefined) return JSON.parse(inflateRawSync(bytes).toString()) as Packed;
  return { book: item["book"] as IncidentBook, outgoing: item["outgoing"] as readonly OutgoingAlert[] };
}
