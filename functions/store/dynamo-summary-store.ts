import type { ClusterId } from "../../shared/domain/ids.ts";
import type { ClusterSummary } from "../../shared/domain/monitoring/cluster-summary.ts";
import type { DynamoTable, Item } from "./dynamo-table.ts";
import type { StoredSummary, SummaryStore } from "./summary-store.ts";
import { type ItemKey, keyOf, listingOf, sortableMs } from "./table-keys.ts";

/**
 * How far each look goes back, and how often one goes back so far: a writer may come to write some time after it took the time that its summary is listed by, and
 * another function's clock may be behind. Right after thousands have changed at once, most looks read only those of the last seconds.
 */
const looks = [
  { everyMs: 15 * 60_000, backMs: Number.POSITIVE_INFINITY },
  { everyMs: 30_000, backMs: 90_000 },
  { everyMs: 0, backMs: 5_000 },
] as const;

/** Over that of any summary: none replaces it, and every list takes it in. */
const removedVersion = Number.MAX_SAFE_INTEGER;

/**
 * The list is kept in memory, and each look at it reads only what has changed since: five thousand clusters cost a view nothing, and a function that starts
 * reads them with a handful of queries.
 */
export class DynamoSummaryStore implements SummaryStore {
  readonly #table: DynamoTable;
  readonly #nowMs: () => number;
  /** Null: removed. */
  readonly #known = new Map<ClusterId, { readonly version: number; readonly summary: ClusterSummary | null }>();
  #listed: readonly ClusterSummary[] = [];
  /** When each kind of look was taken last. */
  readonly #lookedAtMs = looks.map(() => Number.NEGATIVE_INFINITY);
  #reading: Promise<unknown> = Promise.resolve();
  #next: Promise<readonly ClusterSummary[]> | undefined;

  constructor(table: DynamoTable, nowMs: () => number) {
    this.#table = table;
    this.#nowMs = nowMs;
  }

  async find(clusterId: ClusterId): Promise<StoredSummary | undefined> {
    const item = await this.#table.get(keyOf.summary(clusterId));
    return item?.["summary"] === undefined ? undefined : storedOf(item);
  }

  async save(next: StoredSummary): Promise<"saved" | "overtaken"> {
    const saved = await this.#table.put(summaryItem(next), {
      ConditionExpression: next.version === 1 ? "attribute_not_exists(pk)" : "version = :previous",
      ...(next.version === 1 ? {} : { ExpressionAttributeValues: { ":previous": next.version - 1 } }),
    });
    return saved ? "saved" : "overtaken";
  }

  /** What is left in its place tells other processes, which read only what has changed, that it is gone. */
  async remove(clusterId: ClusterId): Promise<void> {
    const item = await this.#table.get(keyOf.summary(clusterId));
    if (item !== undefined && item["summary"] === undefined) return;
    const version = removedVersion;
    const listSk = `${sortableMs(this.#nowMs())}#${clusterId}`;
    await this.#table.put({ ...keyOf.summary(clusterId), ...listingOf.summaries, listSk, clusterId, version });
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
    const chosen = looks.findIndex(({ everyMs }, index) => Math.abs(startedMs - (this.#lookedAtMs[index] ?? 0)) >= everyMs);
    const fromMs = (this.#lookedAtMs[chosen] ?? 0) - (looks[chosen]?.backMs ?? 0);
    const items = await this.#table.wholeListing(listingOf.summaries.listPk, sortableMs(fromMs));
    // One that goes further back has seen all that a nearer one would have.
    for (let index = chosen; index < looks.length; index += 1) this.#lookedAtMs[index] = startedMs;
    this.#take(items);
    if (chosen === 0) this.#forgetUnless(new Set(items.map((item) => item["clusterId"] as ClusterId)));
    return this.#listed;
  }

  #take(items: readonly Item[]): void {
    let isChanged = false;
    for (const item of items) {
      const version = item["version"] as number;
      const clusterId = item["clusterId"] as ClusterId;
      if ((this.#known.get(clusterId)?.version ?? 0) >= version) continue;
      this.#known.set(clusterId, { version, summary: item["summary"] === undefined ? null : storedOf(item).summary });
      isChanged = true;
    }
    if (isChanged) this.#list();
  }

  /** Of one that is gone for long not even that is left. */
  #forgetUnless(there: ReadonlySet<ClusterId>): void {
    const gone = [...this.#known.keys()].filter((clusterId) => !there.has(clusterId));
    for (const clusterId of gone) this.#known.delete(clusterId);
    if (gone.length > 0) this.#list();
  }

  #list(): void {
    this.#listed = [...this.#known.values()].flatMap(({ summary }) => summary ?? []);
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
