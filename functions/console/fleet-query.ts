import type { Context } from "hono";
import { type Health, healthsByUrgency } from "../../shared/domain/monitoring/cluster-status.ts";
import type { FleetFilter } from "../use-cases/search-fleet.ts";

export const searchLengthMax = 63;
const pageMax = 100_000;

/** What of the fleet a page's address asks for. What makes no sense in it is left out, as if it had not been there. */
export function filterIn(c: Context): FleetFilter {
  const health = healthsByUrgency.find((known): known is Health => known === c.req.query("health")) ?? null;
  return {
    search: (c.req.query("q") ?? "").slice(0, searchLengthMax),
    health,
    customerId: null,
    unacknowledged: c.req.query("incidents") === "unacknowledged",
  };
}

/** From 1. */
export function pageIn(c: Context): number {
  const page = Number(c.req.query("page") ?? "1");
  return Number.isInteger(page) && page >= 1 && page <= pageMax ? page : 1;
}

/** The same as a query, from its `?` on; empty where it asks for everything from its beginning. */
export function queryOf({ search, health, unacknowledged }: FleetFilter, page = 1): string {
  const query = new URLSearchParams();
  if (search !== "") query.set("q", search);
  if (health !== null) query.set("health", health);
  if (unacknowledged) query.set("incidents", "unacknowledged");
  if (page > 1) query.set("page", String(page));
  return query.size === 0 ? "" : `?${query.toString()}`;
}
