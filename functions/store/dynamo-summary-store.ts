import type { ClusterId } from "../../shared/domain/ids.ts";
import type { ClusterSummary } from "../../shared/domain/monitoring/cluster-summary.ts";
import type { DynamoTable, Item } from "./dynamo-table.ts";
import type { StoredSummary, SummaryStore } from "./summary-store.ts";
import { type ItemKey, keyOf, listingOf, sortableMs } from "./table-keys.ts";

/** A writer that chose its time may come to write so much later, and another function's clock may be behind. */
const latenessMs = 45_000;
/** Where something came later still. */
const readAgainMs = 15 * 60_000;

/**
 * The list is kept in memory, and each look at it reads only what has changed since: five thousand clusters cost a view nothing, and a function that starts
 * reads them with a handful of queries.
 */
export class DynamoSummaryStore implements SummaryStore {
  readonly #table: DynamoTable;
  readonly #nowMs: () => number;
  #known = new Map<ClusterId, StoredSummary>();
  #listed: readonly ClusterSummary[] = [];
  #readAtMs = 0;
  #readAllAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<unknown> = Promise.resolve();
  #next: Promise<readonly ClusterSummary[]> | undefined;

  constructor(table: DynamoTable, nowMs: () => number) {
    this.#table = table;
    this.#nowMs = nowMs;
  }

  async find(clusterId: ClusterId): Promise<StoredSummary | undefined> {
    const item = await this.#table.get(keyOf.summary(clusterId));
    return item === undefined ? undefined : storedOf(item);
  }

  async save(next: StoredSummary): Promise<"saved" | "overtaken"> {
    const saved = await this.#table.put(summaryItem(next), {
      ConditionExpression: next.version === 1 ? "attribute_not_exists(pk)" : "version = :previous",
      ...(next.version === 1 ? {} : { ExpressionAttributeValues: { ":previous": next.version - 1 } }),
    });
    return saved ? "saved" : "overtaken";
  }

  /** Whoever asks during a read gets the next one: it has what was saved before they asked. */
  async list(): Promise<readonly ClusterSummary[]> {
    this.#next ??= this.#reading
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        const read = this.#read();
        this.#reading = read;
        return read;
      });
    return this.#next;
  }

  async completeForm(): Promise<number> {
    return ((await this.#table.get(keyOf.summariesComplete))?.["form"] as number | undefined) ?? 0;
  }

  async noteComplete(form: number): Promise<void> {
    await this.#table.put({ ...keyOf.summariesComplete, form });
  }

  async #read(): Promise<readonly ClusterSummary[]> {
    const startedMs = this.#nowMs();
    const isWhole = Math.abs(startedMs - this.#readAllAtMs) >= readAgainMs;
    const from = isWhole ? undefined : sortableMs(this.#readAtMs - latenessMs);
    const items = await this.#table.wholeListing(listingOf.summaries.listPk, from);
    this.#readAtMs = startedMs;
    if (isWhole) this.#readAllAtMs = startedMs;
    this.#take(items);
    return this.#listed;
  }

  #take(items: readonly Item[]): void {
    let isChanged = false;
    for (const item of items) {
      const version = item["version"] as number;
      const clusterId = item["clusterId"] as ClusterId;
      if ((this.#known.get(clusterId)?.version ?? 0) >= version) continue;
      this.#known.set(clusterId, storedOf(item));
      isChanged = true;
    }
    if (isChanged) this.#listed = [...this.#known.values()].map(({ summary }) => summary);
  }
}

/** The summary is kept as text: thousands are read at once, and an item of few attributes is read fastest. */
function summaryItem({ summary, version }: StoredSummary): Item & ItemKey {
  const { clusterId, changedAt } = summary;
  return {
    ...keyOf.summary(clusterId),
    ...listingOf.summaries,
    listSk: `${sortableMs(Date.parse(changedAt))}#${clusterId}`,
    clusterId,
    version,
    summary: JSON.stringify(summary),
  };
}

function storedOf(item: Item): StoredSummary {
  return { summary: JSON.parse(item["summary"] as string) as ClusterSummary, version: item["version"] as number };
}
