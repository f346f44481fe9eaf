import { Hono } from "hono";
import { pageIn } from "./fleet-query.ts";
import type { ConsoleEnv } from "./guard.ts";
import { fleetLicencesPage, fleetLicencesView } from "./pages/fleet-licences-page.ts";
import type { Shell } from "./pages/shell.ts";

export function fleetLicenceRoutes(shell: Shell, { nowMs }: { readonly nowMs: () => number }): Hono<ConsoleEnv> {
  return new Hono<ConsoleEnv>().get("/licences", async (c) => {
    const isAll = c.req.query("show") === "all";
    const view = fleetLicencesView(await c.get("data").fleet(), { isAll, page: pageIn(c), nowMs: nowMs() });
    return c.html(fleetLicencesPage(shell, c.get("session"), view));
  });
}
