import { type Context, Hono } from "hono";
import { auditQuerySchema } from "../../shared/protocol/access-contract.ts";
import { customerIdSchema } from "../../shared/protocol/id-schemas.ts";
import type { Customer } from "../store/customer-store.ts";
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
    const { limit, before } = query.data;
    const of = customer?.customerId ?? null;
    const entries = await c.get("data").audit(of, { limit, ...(before === undefined ? {} : { before }) });
    return c.html(auditPage(shell, c.get("session"), customer, entries));
  }

  return routes;
}
