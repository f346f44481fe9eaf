import type { AuditEntry, AuditRecord } from "../../shared/domain/audit/audit-entry.ts";
import type { CustomerId } from "../../shared/domain/ids.ts";

export interface AuditPage {
  /** Newest first. */
  readonly entries: readonly AuditEntry[];
  /** Number of the last entry shown, where older ones follow. */
  readonly next?: number;
}

/** The log of every change, which only grows. Rejects with `StoreUnavailableError` only. */
export interface AuditStore {
  /** Appends at the end of the one chain, whoever else appends at the same time. */
  append(record: AuditRecord): Promise<AuditEntry>;
  /** All entries, or one customer's; `before`: older than this number. A customer's page is eventually consistent. */
  page(of: { readonly customerId?: CustomerId }, options: { readonly limit: number; readonly before?: number }): Promise<AuditPage>;
}
