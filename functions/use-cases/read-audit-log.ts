import type { CustomerId } from "../../shared/domain/ids.ts";
import type { Dependencies } from "../dependencies.ts";
import { brokenLinks } from "../store/audit-chain.ts";
import type { AuditPage } from "../store/audit-store.ts";
import { customerOrRefuse } from "./find-or-refuse.ts";

export interface CheckedAuditPage extends AuditPage {
  /** Numbers of those entries that are not what was written. */
  readonly broken: readonly number[];
}

/** A page of the log, newest first, each entry held against its hash and against its neighbour. */
export async function readAuditLog(
  dependencies: Pick<Dependencies, "stores">,
  of: { readonly customerId?: CustomerId },
  options: { readonly limit: number; readonly before?: number },
): Promise<CheckedAuditPage> {
  if (of.customerId !== undefined) await customerOrRefuse(dependencies, of.customerId);
  const page = await dependencies.stores.audit.page(of, options);
  return { ...page, broken: brokenLinks(page.entries) };
}
