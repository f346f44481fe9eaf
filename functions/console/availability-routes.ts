import { type Context, Hono } from "hono";
import { availabilityQuerySchema } from "../../shared/protocol/availability-contract.ts";
import { clusterIdSchema, customerIdSchema } from "../../shared/protocol/id-schemas.ts";
import { availabilityCsv, csvHeaders } from "../use-cases/availability-tables.ts";
import type { AvailabilitySubject } from "./console-data.ts";
import type { ConsoleEnv } from "./guard.ts";
import { availabilityPage } from "./pages/availability-page.ts";
import type { Shell } from "./pages/shell.ts";
import { notFound } from "./problem-answer.ts";

/** Reports of availability: pages, and the same as files for a spreadsheet. */
export function availabilityRoutes(shell: Shell, { nowMs }: { readonly nowMs: () => number }): Hono<ConsoleEnv> {
  const routes = new Hono<ConsoleEnv>();

  routes.get("/customers/:customerId/availability", (c) => {
    const customerId = customerIdSchema.safeParse(c.req.param("customerId")).data;
    return customerId === undefined ? notFound(c, shell, "customer") : answerReport(c, { customerId });
  });

  routes.get("/clusters/:clusterId/availability", (c) => {
    const clusterId = clusterIdSchema.safeParse(c.req.param("clusterId")).data;
    return clusterId === undefined ? notFound(c, shell, "cluster") : answerReport(c, { clusterId });
  });

  async function answerReport(c: Context<ConsoleEnv>, of: AvailabilitySubject) {
    const query = availabilityQuerySchema.safeParse(c.req.query());
    if (!query.success) return notFound(c, shell, "month of this report");
    const { month, csv } = query.data;
    const report = await c.get("data").availability(of, month);
    if (csv !== undefined) return c.body(availabilityCsv(report, csv), 200, csvHeaders(report, csv));
    return c.html(availabilityPage(shell, c.get("session"), report, { of, nowMs: nowMs() }));
  }

  return routes;
}
