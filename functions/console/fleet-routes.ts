import { type Context, Hono } from "hono";
import { type Health, healthsByUrgency } from "../../shared/domain/monitoring/cluster-status.ts";
import type { ConsoleEnv } from "./guard.ts";
import { liveFragment } from "./live-fragment.ts";
import { fleetLive, fleetPage } from "./pages/fleet-page.ts";
import { type FleetFilter, fleetView } from "./pages/fleet-view.ts";
import type { Shell } from "./pages/shell.ts";

export function fleetRoutes(shell: Shell): Hono<ConsoleEnv> {
  const routes = new Hono<ConsoleEnv>();

  routes.get("/", async (c) => {
    const filter = filterOf(c);
    return c.html(fleetPage(shell, c.get("session"), fleetView(await c.get("data").fleet(), filter), filter));
  });

  routes.get("/fleet/live", async (c) => {
    const filter = filterOf(c);
    return liveFragment(c, fleetLive(c.get("session"), fleetView(await c.get("data").fleet(), filter), filter));
  });

  return routes;
}

function filterOf(c: Context): FleetFilter {
  const health = healthsByUrgency.find((known): known is Health => known === c.req.query("health")) ?? null;
  return { search: (c.req.query("q") ?? "").slice(0, 63), health };
}
