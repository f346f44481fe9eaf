import { type Context, Hono } from "hono";
import { z } from "zod";
import { alertSettingsSchema, redriveSchema, testAlertSchema } from "../../shared/protocol/alert-contract.ts";
import { clusterIdSchema, customerIdSchema } from "../../shared/protocol/id-schemas.ts";
import type { AlertConsoleData, ClusterAlertsView, CustomerAlertsView } from "./alert-console-data.ts";
import { checked, fieldsOf } from "./form-fields.ts";
import type { ConsoleEnv } from "./guard.ts";
import { maintenanceIn } from "./maintenance-form.ts";
import { clusterAlertsPage } from "./pages/cluster-alerts-page.ts";
import { customerAlertsPage } from "./pages/customer-alerts-page.ts";
import type { Shell } from "./pages/shell.ts";
import { notFound } from "./problem-answer.ts";

type Fields = Readonly<Record<string, string>>;

const whole = z.coerce.number().pipe(z.int());
const numberSchema = z.object({ number: whole.pipe(z.int().min(1)) });
const windowSchema = z.object({ windowId: z.uuid() });
/** The pages about who is told what, and their forms: each is answered with the page as it is then. */
export function alertRoutes(shell: Shell, { nowMs }: { readonly nowMs: () => number }): Hono<ConsoleEnv> {
  const routes = new Hono<ConsoleEnv>();

  routes.get("/customers/:customerId/alerts", async (c) => {
    const view = await ofCustomer(c);
    return view === undefined ? notFound(c, shell, "customer") : c.html(customerAlertsPage(shell, c.get("session"), view));
  });

  routes.get("/clusters/:clusterId/alerts", async (c) => {
    const view = await ofCluster(c);
    return view === undefined ? notFound(c, shell, "page of incidents") : c.html(clusterAlertsPage(shell, c.get("session"), view));
  });

  const change = (path: string, work: (data: AlertConsoleData, view: CustomerAlertsView, fields: Fields) => Promise<void>): void => {
    routes.post(`/customers/:customerId/alerts/${path}`, async (c) => {
      const view = await ofCustomer(c);
      if (view === undefined) return notFound(c, shell, "customer");
      await work(c.get("data").alerting, view, await fieldsOf(c));
      return c.redirect(`/customers/${view.customer.customerId}/alerts`, 303);
    });
  };
  change("settings", (data, { customer }, fields) => data.changeSettings(customer.customerId, settingsIn(fields)));
  change("maintenance", (data, { customer }, fields) => data.plan(customer.customerId, maintenanceIn(fields, nowMs())));
  change("maintenance/end", (data, { customer }, fields) =>
    data.endMaintenance(customer.customerId, checked(windowSchema, fields).windowId),
  );
  change("redrive", (data, { customer }, { deliveryId }) =>
    data.redrive(
      customer.customerId,
      deliveryId === undefined ? null : (checked(redriveSchema, { deliveryId: Number(deliveryId) }).deliveryId ?? null),
    ),
  );

  const act = (path: string, work: (data: AlertConsoleData, view: ClusterAlertsView, fields: Fields) => Promise<void>): void => {
    routes.post(`/clusters/:clusterId/alerts/${path}`, async (c) => {
      const view = await ofCluster(c);
      if (view === undefined) return notFound(c, shell, "cluster");
      await work(c.get("data").alerting, view, await fieldsOf(c));
      return c.redirect(`/clusters/${view.clusterId}/alerts`, 303);
    });
  };
  act("acknowledge", (data, { clusterId }, fields) => data.acknowledge(clusterId, checked(numberSchema, fields).number));
  act("test", (data, { clusterId }, { level }) => data.test(clusterId, checked(testAlertSchema, { level }).level));

  return routes;
}

async function ofCustomer(c: Context<ConsoleEnv>): Promise<CustomerAlertsView | undefined> {
  const { data } = customerIdSchema.safeParse(c.req.param("customerId"));
  return data === undefined ? undefined : c.get("data").alerting.ofCustomer(data);
}

async function ofCluster(c: Context<ConsoleEnv>): Promise<ClusterAlertsView | undefined> {
  const { data } = clusterIdSchema.safeParse(c.req.param("clusterId"));
  const before = z.coerce.number().int().min(1).optional().safeParse(c.req.query("before"));
  return data === undefined || !before.success ? undefined : c.get("data").alerting.ofCluster(data, before.data);
}

/** An empty field of minutes: nobody else is ever told. */
function settingsIn({ escalateAfterMinutes = "", silentAfterSeconds }: Fields) {
  return checked(alertSettingsSchema, {
    escalateAfterMinutes: escalateAfterMinutes === "" ? null : Number(escalateAfterMinutes),
    silentAfterSeconds: Number(silentAfterSeconds),
  });
}
