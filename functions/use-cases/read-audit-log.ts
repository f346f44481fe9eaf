import { limits } from "../../shared/config/limits.ts";
import { type AuditEntry, type AuditOutcome, outcomeOf } from "../../shared/domain/audit/audit-entry.ts";
import type { CustomerId } from "../../shared/domain/ids.ts";
import type { Dependencies } from "../dependencies.ts";
import { brokenLinks } from "../store/audit-chain.ts";
import type { AuditPage } from "../store/audit-store.ts";
import { customerOrRefuse } from "./find-or-refuse.ts";

export interface CheckedAuditPage extends AuditPage {
  /** Numbers of those entries that are not what was written. */
  readonly broken: readonly number[];
}

export interface AuditPageOptions {
  readonly limit: number;
  /** Older than this number. */
  readonly before?: number;
  readonly outcome?: AuditOutcome;
}

/**
 * A page of the log, newest first, each entry held against its hash and against its neighbour. With an outcome it looks through so many entries and no more
 * (`auditEntriesSearchedMax`): there may be fewer than asked for, and `next` leads on.
 */
export async function readAuditLog(
  dependencies: Pick<Dependencies, "stores">,
  of: { readonly customerId?: CustomerId },
  { limit, before, outcome }: AuditPageOptions,
): Promise<CheckedAuditPage> {
  if (of.customerId !== undefined) await customerOrRefuse(dependencies, of.customerId);
  const { audit } = dependencies.stores;
  if (outcome === undefined) {
    const page = await audit.page(of, { limit, ...(before === undefined ? {} : { before }) });
    return { ...page, broken: brokenLinks(page.entries) };
  }
  const seen: AuditEntry[] = [];
  let next = before;
  do {
    const page = await audit.page(of, { limit: limits.auditEntriesPerPageMax, ...(next === undefined ? {} : { before: next }) });
    seen.push(...page.entries);
    next = page.next;
  } while (next !== undefined && seen.length < limits.auditEntriesSearchedMax && wanted(seen, outcome).length < limit);
  const found = wanted(seen, outcome);
  const entries = found.slice(0, limit);
  const last = found.length > limit ? entries.at(-1)?.number : next;
  const numbers = new Set(entries.map(({ number }) => number));
  const broken = brokenLinks(seen).filter((number) => numbers.has(number));
  return last === undefined ? { entries, broken } : { entries, broken, next: last };
}

function wanted(entries: readonly AuditEntry[], outcome: AuditOutcome): readonly AuditEntry[] {
  return entries.filter((entry) => outcomeOf(entry) === outcome);
}
