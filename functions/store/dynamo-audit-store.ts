import type { AuditEntry, AuditRecord } from "../../shared/domain/audit/audit-entry.ts";
import type { CustomerId } from "../../shared/domain/ids.ts";
import { linked } from "./audit-chain.ts";
import type { AuditPage, AuditStore } from "./audit-store.ts";
import type { DynamoTable, Item } from "./dynamo-table.ts";
import { StoreUnavailableError } from "./store-error.ts";
import { keyOf, listingOf, sortable } from "./table-keys.ts";

/** Higher than any number: the store's keys have fifteen digits. */
const beyondTheLast = 999_999_999_999_999;
/** Places lost to other processes that append at the same time. */
const attemptsMax = 50;

/** One partition: an entry is put where the next number is free, so that of two writers one wins and the other links to what it wrote. */
export class DynamoAuditStore implements AuditStore {
  readonly #table: DynamoTable;
  /** What this process knows as the last entry; wrong as soon as another process appends, which the next put notices. */
  #last: AuditEntry | undefined;
  /** Appends of one process go one after the other: they would only take each other's place. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async append(record: AuditRecord): Promise<AuditEntry> {
    const appended = this.#queue.then(() => this.#appendNext(record));
    // Whoever asked for it is told of its failure; the next in the queue only waits for its end.
    this.#queue = appended.catch(() => undefined);
    return appended;
  }

  async page(
    { customerId }: { readonly customerId?: CustomerId },
    options: { readonly limit: number; readonly before?: number },
  ): Promise<AuditPage> {
    const before = options.before ?? beyondTheLast;
    const { limit } = options;
    const items =
      customerId === undefined
        ? await this.#newest(before, limit + 1)
        : (
            await this.#table.listingPage(listingOf.auditOf(customerId).listPk, {
              limit: limit + 1,
              newestFirst: true,
              upTo: sortable(before - 1),
            })
          ).items;
    const entries = items.slice(0, limit).map(entryOf);
    const last = entries.at(-1);
    return items.length > limit && last !== undefined ? { entries, next: last.number } : { entries };
  }

  async #appendNext(record: AuditRecord): Promise<AuditEntry> {
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      this.#last ??= (await this.#newest(beyondTheLast, 1)).map(entryOf).at(0);
      const entry = linked(record, this.#last);
      if (await this.#table.putIfAbsent(itemOf(entry))) {
        this.#last = entry;
        return entry;
      }
      this.#last = undefined;
    }
    throw new StoreUnavailableError("append to the audit log", new Error(`the place was taken ${attemptsMax} times`));
  }

  async #newest(before: number, limit: number): Promise<readonly Item[]> {
    return this.#table.newestBefore(keyOf.auditEntry(before), limit);
  }
}

/** Kept as the text that was hashed. */
function itemOf(entry: AuditEntry) {
  const listing = entry.customerId === null ? {} : { ...listingOf.auditOf(entry.customerId), listSk: sortable(entry.number) };
  return { ...keyOf.auditEntry(entry.number), ...listing, entry: JSON.stringify(entry) };
}

function entryOf(item: Item): AuditEntry {
  return JSON.parse(item["entry"] as string) as AuditEntry;
}
