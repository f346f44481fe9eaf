import { type AuditEntry, outcomeOf } from "../../shared/domain/audit/audit-entry.ts";
import { csvTable } from "./csv-table.ts";

const columns = [
  "number",
  "at",
  "outcome",
  "action",
  "actorKind",
  "actorId",
  "actor",
  "requestId",
  "customerId",
  "subject",
  "changes",
  "route",
  "parameters",
  "code",
  "message",
  "unlisted",
  "previousSha256",
  "sha256",
];

/** Entries of the audit log as CSV, a line for each: what has members of its own as JSON in one cell. */
export function auditCsv(entries: readonly AuditEntry[]): string {
  const records = entries.map(({ actor, changes, refusal, ...entry }) => ({
    ...entry,
    outcome: outcomeOf(entry),
    actorKind: actor.kind,
    actorId: actor.id,
    actor: actor.name,
    requestId: actor.requestId,
    changes: changes.length === 0 ? "" : JSON.stringify(changes),
    ...(refusal === undefined ? {} : { ...refusal, parameters: JSON.stringify(refusal.parameters) }),
  }));
  return csvTable(records, columns);
}
