import { type Access, reaches } from "../../shared/domain/access/access.ts";
import type { ClusterId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { BulkAction } from "../../shared/protocol/fleet-contract.ts";
import type { Dependencies } from "../dependencies.ts";
import { acknowledgeIncident } from "./acknowledge-incident.ts";
import { subscribeAlerts } from "./alert-subscriptions.ts";
import { clusterOrRefuse, noSuchCluster } from "./find-or-refuse.ts";
import { planMaintenance } from "./maintenance.ts";
import { Refusal } from "./refusal.ts";

/** What became of one cluster. `unchanged`: there was nothing to do. */
export interface BulkOutcome {
  readonly clusterId: ClusterId;
  /** Null for a cluster that is not there, for this caller at least. */
  readonly name: string | null;
  readonly outcome: "done" | "unchanged" | "refused" | "failed";
  readonly message: string;
  /** Null where nothing is left to do. */
  readonly nextStep: string | null;
}

/** What was done, in words; null where there was nothing to do. */
type ActOnOne = (document: ClusterDocument) => Promise<string | null>;

/**
 * Does the same for many clusters, one after the other, each as if it had been asked for alone: with its own entry in the audit log and its own outcome. What is
 * refused or fails for one does not keep the others waiting. A cluster that is named twice counts once.
 */
export async function actOnClusters(
  dependencies: Dependencies,
  access: Access,
  clusterIds: readonly ClusterId[],
  action: BulkAction,
): Promise<readonly BulkOutcome[]> {
  const act = actionOn(dependencies, action);
  const outcomes: BulkOutcome[] = [];
  for (const clusterId of new Set(clusterIds)) outcomes.push(await outcomeOf(dependencies, access, clusterId, act));
  return outcomes;
}

/** For the audit log: what of a request for many was refused, as one; null where nothing was. */
export function refusedAmong(outcomes: readonly BulkOutcome[]): Refusal | null {
  const refused = outcomes.filter(({ outcome }) => outcome === "refused");
  if (refused.length === 0) return null;
  const message = `refused for ${refused.length} of ${outcomes.length} clusters: ${refused.map(({ message: why }) => why).join("; ")}`;
  return new Refusal(refused.some(({ name }) => name === null) ? "not-found" : "forbidden", message, "See what was said of each.");
}

async function outcomeOf(dependencies: Dependencies, access: Access, clusterId: ClusterId, act: ActOnOne): Promise<BulkOutcome> {
  let name: string | null = null;
  try {
    const { document } = await clusterOrRefuse(dependencies, clusterId);
    if (!reaches(access, document.customerId)) throw noSuchCluster(clusterId);
    name = document.name;
    const done = await act(document);
    if (done === null) return { clusterId, name, outcome: "unchanged", message: "there was nothing to do", nextStep: null };
    return { clusterId, name, outcome: "done", message: done, nextStep: null };
  } catch (error) {
    if (error instanceof Refusal) return { clusterId, name, outcome: "refused", message: error.message, nextStep: error.nextStep };
    dependencies.log.error({ err: error, clusterId }, "one of many changes failed; the others go on");
    const message = "the control plane could not carry it out; whether anything was changed is not known";
    return {
      clusterId,
      name,
      outcome: "failed",
      message,
      nextStep: "See whether it was done, and ask again for this one; the log has the cause.",
    };
  }
}

function actionOn(dependencies: Dependencies, action: BulkAction): ActOnOne {
  switch (action.kind) {
    case "maintenance":
      return async ({ customerId, clusterId }) => {
        const { startsAt, endsAt, reason } = action;
        await planMaintenance(dependencies, customerId, { clusterId, startsAt, endsAt, reason });
        return `maintenance is planned from ${startsAt} to ${endsAt}`;
      };
    case "acknowledge":
      return async ({ clusterId }) => acknowledgeAll(dependencies, clusterId);
    case "subscribe":
      return subscribeOnce(dependencies, action);
  }
}

async function acknowledgeAll(dependencies: Dependencies, clusterId: ClusterId): Promise<string | null> {
  const { book } = await dependencies.stores.incidents.find(clusterId);
  const waiting = book.incidents.filter(({ acknowledged, closedMs }) => acknowledged === null && closedMs === null);
  for (const { number } of waiting) await acknowledgeIncident(dependencies, clusterId, number);
  const numbers = waiting.map(({ number }) => number).join(", ");
  return waiting.length === 0 ? null : `acknowledged ${waiting.length === 1 ? "incident" : "incidents"} ${numbers}`;
}

/** Subscriptions are a customer's: for its second cluster there is nothing left to do. */
function subscribeOnce(dependencies: Dependencies, { kind: _kind, ...wanted }: Extract<BulkAction, { kind: "subscribe" }>): ActOnOne {
  const subscribed = new Set<string>();
  return async ({ customerId }) => {
    if (subscribed.has(customerId)) return null;
    const { state } = await subscribeAlerts(dependencies, customerId, wanted);
    subscribed.add(customerId);
    return state === "confirmed" ? "subscribed to all alerts of its customer" : "the endpoint was asked to confirm";
  };
}
