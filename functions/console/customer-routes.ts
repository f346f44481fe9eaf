import { type Context, Hono } from "hono";
import { subscribeSchema } from "../../shared/protocol/alert-contract.ts";
import { createClusterSchema } from "../../shared/protocol/api-contract.ts";
import { customerIdSchema, displayNameSchema } from "../../shared/protocol/id-schemas.ts";
import type { Customer } from "../store/customer-store.ts";
import { Refusal } from "../use-cases/refusal.ts";
import { noFilter } from "../use-cases/search-fleet.ts";
import { filterIn, pageIn } from "./fleet-query.ts";
import { fieldsOf, namesIn, problemsOf } from "./form-fields.ts";
import type { ConsoleEnv } from "./guard.ts";
import { liveFragment } from "./live-fragment.ts";
import { type CustomerView, customerLive, customerPage } from "./pages/customer-page.ts";
import { customersPage, customersView } from "./pages/customers-page.ts";
import { fleetView } from "./pages/fleet-view.ts";
import { newClusterPage, newCustomerPage } from "./pages/form-pages.ts";
import type { Shell } from "./pages/shell.ts";
import { notFound, problemText } from "./problem-answer.ts";

export function customerRoutes(shell: Shell): Hono<ConsoleEnv> {
  const routes = new Hono<ConsoleEnv>();

  routes.get("/customers", async (c) => {
    const { search } = filterIn(c);
    return c.html(customersPage(shell, c.get("session"), customersView(await c.get("data").fleet(), search, pageIn(c)), search));
  });

  routes.get("/customers/new", (c) => c.html(newCustomerPage(shell, c.get("session"), null)));

  routes.post("/customers", async (c) => {
    const values = await fieldsOf(c);
    const name = displayNameSchema.safeParse(values["name"]?.trim());
    if (!name.success) return c.html(newCustomerPage(shell, c.get("session"), { problem: problemsOf(name.error), values }), 400);
    return c.redirect(`/customers/${await c.get("data").createCustomer(name.data)}`, 303);
  });

  routes.get("/customers/:customerId", async (c) => {
    const customer = await customerOf(c);
    if (customer === undefined) return notFound(c, shell, "customer");
    const subscriptions = await c.get("data").subscriptions(customer.customerId);
    return c.html(customerPage(shell, c.get("session"), await viewOf(c, customer), subscriptions));
  });

  routes.get("/customers/:customerId/live", async (c) => {
    const customer = await customerOf(c);
    if (customer === undefined) return c.body(null, 404);
    return liveFragment(c, customerLive(await viewOf(c, customer), c.get("session")));
  });

  routes.get("/customers/:customerId/clusters/new", async (c) => {
    const customer = await customerOf(c);
    return customer === undefined ? notFound(c, shell, "customer") : c.html(newClusterPage(shell, c.get("session"), customer, null));
  });

  routes.post("/customers/:customerId/clusters", async (c) => {
    const customer = await customerOf(c);
    if (customer === undefined) return notFound(c, shell, "customer");
    const values = await fieldsOf(c);
    const again = (problem: string) => c.html(newClusterPage(shell, c.get("session"), customer, { problem, values }), 400);
    const cluster = createClusterSchema.safeParse({
      name: values["name"]?.trim(),
      dataSets: [
        ...namesIn(values["dataSets"]).map((name) => ({ kind: "sqlite", name, local: [] })),
        ...namesIn(values["shared"]).map((name) => ({ kind: "shared", name })),
        // By the group that every cluster has; another one can be named over the API.
        ...["config", "state", "files"].flatMap((kind) => namesIn(values[kind]).map((name) => ({ kind, name, group: "default" }))),
      ],
      // An application may bind to its address: addresses first.
      resources: [
        ...namesIn(values["addresses"]).map((address, index) => ({ kind: "address", name: `address-${index + 1}`, address })),
        ...namesIn(values["services"]).map((name) => ({ kind: "service", name })),
      ],
    });
    if (!cluster.success) return again(problemsOf(cluster.error));
    try {
      return c.redirect(`/clusters/${await c.get("data").createCluster(customer.customerId, cluster.data)}`, 303);
    } catch (error) {
      if (error instanceof Refusal) return again(problemText(c, error));
      throw error;
    }
  });

  routes.post("/customers/:customerId/subscriptions", async (c) => {
    const customer = await customerOf(c);
    if (customer === undefined) return notFound(c, shell, "customer");
    const values = await fieldsOf(c);
    const request = subscribeSchema.safeParse({
      protocol: values["protocol"],
      endpoint: values["endpoint"]?.trim(),
      level: values["level"],
    });
    if (!request.success) throw new Refusal("invalid-request", problemsOf(request.error), "Go back and correct it.");
    await c.get("data").subscribe(customer.customerId, request.data);
    return c.redirect(`/customers/${customer.customerId}#subscriptions`, 303);
  });

  return routes;
}

async function customerOf(c: Context<ConsoleEnv>): Promise<Customer | undefined> {
  const id = customerIdSchema.safeParse(c.req.param("customerId"));
  return id.success ? c.get("data").customer(id.data) : undefined;
}

async function viewOf(c: Context<ConsoleEnv>, customer: Customer): Promise<CustomerView> {
  const { customerId } = customer;
  return { customer, clusters: fleetView(await c.get("data").fleet(), { ...noFilter, customerId }, pageIn(c)) };
}
