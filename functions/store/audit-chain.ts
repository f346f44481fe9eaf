import { createHash } from "node:crypto";
import type { AuditEntry, AuditRecord } from "../../shared/domain/audit/audit-entry.ts";
import { canonicalJson } from "../../shared/domain/canonical-json.ts";

const beforeTheFirst = "0".repeat(64);

export function linked(record: AuditRecord, previous: AuditEntry | undefined): AuditEntry {
  const entry = { ...record, number: (previous?.number ?? 0) + 1, previousSha256: previous?.sha256 ?? beforeTheFirst };
  return { ...entry, sha256: hashOf(entry) };
}

/**
 * Numbers of the entries that are not what was written: changed since, or not the successor of the entry of the number before, where that is among
 * them. `entries` in any order.
 */
export function brokenLinks(entries: readonly AuditEntry[]): readonly number[] {
  const byNumber = new Map(entries.map((entry) => [entry.number, entry]));
  const broken = entries.filter(({ sha256, ...entry }) => {
    const previous = entry.number === 1 ? beforeTheFirst : byNumber.get(entry.number - 1)?.sha256;
    return hashOf(entry) !== sha256 || (previous !== undefined && previous !== entry.previousSha256);
  });
  return broken.map(({ number }) => number);
}

function hashOf(entry: Omit<AuditEntry, "sha256">): string {
  return createHash("sha256").update(canonicalJson(entry)).digest("hex");
}
