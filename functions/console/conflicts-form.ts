import { z } from "zod";
import { limits } from "../../shared/config/limits.ts";
import type { ApplicationDatabase, ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { TableConflicts } from "../../shared/domain/replication/conflict-policy.ts";
import { tableConflictsSchema } from "../../shared/protocol/conflict-policy-schema.ts";
import { Refusal } from "../use-cases/refusal.ts";
import { checked } from "./form-fields.ts";

const versionSchema = z.object({ version: z.coerce.number().pipe(z.int().min(1)) });

/** What pages/conflicts-panel.ts asks for: the data set as it would be declared. `newest` takes back what was said of the table. */
export function conflictsIn(
  fields: Readonly<Record<string, string>>,
  { dataSets }: ClusterDocument,
): { readonly expectedVersion: number; readonly dataSet: ApplicationDatabase } {
  const { version: expectedVersion } = checked(versionSchema, fields);
  const before = dataSets.find(
    (dataSet): dataSet is ApplicationDatabase => dataSet.kind === "sqlite" && dataSet.name === fields["dataSet"],
  );
  if (before === undefined)
    throw new Refusal("not-found", "the cluster has no such database", "Go back and choose one of those that are there.");
  const wanted = wantedIn(fields);
  const others = (before.conflicts ?? []).filter(({ table }) => table.toLowerCase() !== wanted.table.toLowerCase());
  const conflicts = wanted.policy === "newest" ? others : [...others, wanted];
  if (conflicts.length > limits.conflictTablesMax) {
    const message = `a data set says of ${limits.conflictTablesMax} tables at most how they settle conflicts`;
    throw new Refusal("invalid-request", message, "Take back what is said of another one: the newest write stands.");
  }
  const { conflicts: _before, ...rest } = before;
  return { expectedVersion, dataSet: { ...rest, ...(conflicts.length === 0 ? {} : { conflicts }) } };
}

function wantedIn(fields: Readonly<Record<string, string>>): TableConflicts {
  const { policy } = fields;
  const places = Array.from({ length: limits.nodesPerClusterMax }, (_, place) => fields[`preferred${place}`] ?? "");
  const order = [...new Set(places.filter((nodeId) => nodeId !== ""))];
  if (policy === "priority" && order.length === 0) {
    throw new Refusal("invalid-request", "no node is preferred", "Go back and choose at least the first of them.");
  }
  return checked(tableConflictsSchema, { policy, table: fields["table"]?.trim(), ...(policy === "priority" ? { order } : {}) });
}
