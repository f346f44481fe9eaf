import { Hono } from "hono";
import { filterIn, pageIn } from "./fleet-query.ts";
import type { ConsoleEnv } from "./guard.ts";
import { liveFragment } from "./live-fragment.ts";
import { fleetLive, fleetPage } from "./pages/fleet-page.ts";
import { fleetView } from "./pages/fleet-view.ts";
import type { Shell } from "./pages/shell.ts";

export function fleetRoutes(shell: Shell): Hono<ConsoleEnv> {
  const routes = new Hono<ConsoleEnv>();

  routes.get("/", async (c) => {
    const filter = filterIn(c);
    return c.html(fleetPage(shell, c.get("session"), fleetView(await c.get("data").fleet(), filter, pageIn(c)), filter));
  });

  routes.get("/fleet/live", async (c) => {
    const filter = filterIn(c);
    return liveFragment(c, fleetLive(c.get("session"), fleetView(await c.get("data").fleet(), filter, pageIn(c)), filter));
  });

  return routes;
}
