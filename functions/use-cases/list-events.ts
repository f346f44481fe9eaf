import type { ClusterId } from "../../shared/domain/ids.ts";
import type { Dependencies } from "../dependencies.ts";
import type { EventPage } from "../store/event-store.ts";
import { clusterOrRefuse } from "./find-or-refuse.ts";
import { Refusal } from "./refusal.ts";

/** A page of the cluster's timeline, newest first. */
export async function listEvents(
  dependencies: Dependencies,
  clusterId: ClusterId,
  page: { readonly limit: number; readonly from?: string },
): Promise<EventPage> {
  await clusterOrRefuse(dependencies, clusterId);
  const result = await dependencies.stores.events.page(clusterId, page);
  if (result !== "bad-position") return result;
  throw new Refusal("invalid-request", "from is not the next of an earlier page", "Begin without from, and follow next from page to page.");
}
