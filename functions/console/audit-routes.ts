import { type Context, Hono } from "hono";
import { auditQuerySchema } from "../../shared/protocol/access-contract.ts";
import { customerIdSchema } from "../../shared/protocol/id-schemas.ts";
import type { Customer } from "../store/customer-store.ts";
import { auditCsv } from "../use-cases/audit-table.ts";
import { csvFile } from "../use-cases/csv-table.ts";
import type { ConsoleEnv } from "./guard.ts";
import { auditPage } from "./pages/audit-page.ts";
import type { Shell } from "./pages/shell.ts";
import { notFound } from "./problem-answer.ts";

export function auditRoutes(shell: Shell): Hono<ConsoleEnv> {
  const routes = new Hono<ConsoleEnv>();

  routes.get("/audit", (c) => page(c, null));

  routes.get("/customers/:customerId/audit", async (c) => {
    const customerId = customerIdSchema.safeParse(c.req.param("customerId")).data;
    const customer = (await c.get("data").allCustomers()).find((one) => one.customerId === customerId);
    return customer === undefined ? notFound(c, shell, "customer") : page(c, customer);
  });

  async function page(c: Context<ConsoleEnv>, customer: Customer | null) {
    const query = auditQuerySchema.safeParse(c.req.query());
    if (!query.success) return notFound(c, shell, "page of the audit log");
    const { csv, ...options } = query.data;
    const found = await c.get("data").audit(customer?.customerId ?? null, options);
    if (csv !== undefined) return c.body(auditCsv(found.entries), 200, csvFile("audit-log"));
    return c.html(auditPage(shell, c.get("session"), { customer, found, options }));
  }

  return routes;
}
