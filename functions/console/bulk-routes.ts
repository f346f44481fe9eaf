import { Hono } from "hono";
import { limits } from "../../shared/config/limits.ts";
import { actOnClustersSchema, type BulkAction, bulkActionSchema } from "../../shared/protocol/fleet-contract.ts";
import { refusedAmong } from "../use-cases/act-on-clusters.ts";
import { Refusal } from "../use-cases/refusal.ts";
import { searchFleet } from "../use-cases/search-fleet.ts";
import { filterIn } from "./fleet-query.ts";
import { checked, fieldsOf } from "./form-fields.ts";
import type { ConsoleEnv } from "./guard.ts";
import { maintenanceIn } from "./maintenance-form.ts";
import { bulkOutcomePage, bulkPage, clusterField } from "./pages/bulk-pages.ts";
import type { Shell } from "./pages/shell.ts";

type Fields = Readonly<Record<string, string>>;

/** The same for many clusters: those that the fleet's page has found, to choose among; then what became of each. */
export function bulkRoutes(shell: Shell, { nowMs }: { readonly nowMs: () => number }): Hono<ConsoleEnv> {
  const routes = new Hono<ConsoleEnv>();

  routes.get("/fleet/bulk", async (c) => {
    const found = searchFleet(await c.get("data").fleet(), filterIn(c), "trouble");
    return c.html(bulkPage(shell, c.get("session"), { rows: found.slice(0, limits.clustersPerBulkActionMax), found: found.length }));
  });

  routes.post("/fleet/bulk", async (c) => {
    const fields = await fieldsOf(c);
    const clusterIds = Object.keys(fields).flatMap((name) =>
      name.startsWith(clusterField("")) ? [name.slice(clusterField("").length)] : [],
    );
    if (clusterIds.length === 0) throw new Refusal("invalid-request", "no cluster was chosen", "Go back and choose at least one.");
    const request = checked(actOnClustersSchema, { clusterIds, action: actionIn(fields, nowMs()) });
    const outcomes = await c.get("data").actOnClusters(request.clusterIds, request.action);
    const refused = refusedAmong(outcomes);
    if (refused !== null) c.set("refused", refused);
    return c.html(bulkOutcomePage(shell, c.get("session"), outcomes));
  });

  return routes;
}

function actionIn(fields: Fields, nowMs: number): BulkAction {
  const { kind, protocol, endpoint = "", level } = fields;
  if (kind !== "maintenance")
    return checked(bulkActionSchema, kind === "subscribe" ? { kind, protocol, endpoint: endpoint.trim(), level } : { kind });
  const { startsAt, endsAt, reason } = maintenanceIn({ ...fields, clusterId: "" }, nowMs);
  return { kind, startsAt, endsAt, reason };
}
