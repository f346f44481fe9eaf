import { type Context, Hono } from "hono";
import { z } from "zod";
import { clusterIdSchema, customerIdSchema } from "../../shared/protocol/id-schemas.ts";
import type { RemovalPreview } from "../../shared/protocol/removal-contract.ts";
import { Refusal } from "../use-cases/refusal.ts";
import { checked, fieldsOf } from "./form-fields.ts";
import type { ConsoleEnv } from "./guard.ts";
import { type Removable, removalPage } from "./pages/removal-page.ts";
import type { Shell } from "./pages/shell.ts";
import { notFound, problemText, refusalText } from "./problem-answer.ts";

const typedSchema = z.object({ confirm: z.string().trim().min(1), version: z.coerce.number().pipe(z.int().min(1)).optional() });
type Typed = z.infer<typeof typedSchema>;

/** What a page about removing something works with. */
interface Removing {
  readonly subject: Removable;
  readonly check: () => Promise<RemovalPreview>;
  /** Where it leads when it is done. */
  readonly remove: (typed: Typed) => Promise<string>;
}

/** Removing a cluster or a customer: the page says what would follow, and takes its name, letter by letter, to do it. */
export function removalRoutes(shell: Shell): Hono<ConsoleEnv> {
  const routes = new Hono<ConsoleEnv>();

  const page = async (c: Context<ConsoleEnv>, { subject, check }: Removing, refused: string | null) => {
    let would: Awaited<ReturnType<typeof check>> | null = null;
    let problem = refused;
    try {
      would = await check();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      problem ??= refusalText(error);
    }
    return c.html(removalPage(shell, c.get("session"), subject, { problem, would }), refused === null ? 200 : 400);
  };

  const removal = (path: string, what: "cluster" | "customer", find: (c: Context<ConsoleEnv>) => Promise<Removing | undefined>) => {
    routes.get(path, async (c) => {
      const removing = await find(c);
      return removing === undefined ? notFound(c, shell, what) : page(c, removing, null);
    });
    routes.post(path, async (c) => {
      const removing = await find(c);
      if (removing === undefined) return notFound(c, shell, what);
      const fields = await fieldsOf(c);
      try {
        return c.redirect(await removing.remove(checked(typedSchema, fields)), 303);
      } catch (error) {
        if (error instanceof Refusal) return page(c, removing, problemText(c, error));
        throw error;
      }
    });
  };
  removal("/clusters/:clusterId/removal", "cluster", clusterIn);
  removal("/customers/:customerId/removal", "customer", customerIn);
  return routes;
}

async function clusterIn(c: Context<ConsoleEnv>): Promise<Removing | undefined> {
  const { data: clusterId } = clusterIdSchema.safeParse(c.req.param("clusterId"));
  const cluster = clusterId === undefined ? undefined : await c.get("data").cluster(clusterId);
  if (clusterId === undefined || cluster === undefined) return undefined;
  const { removing } = c.get("data");
  const { customer, observation } = cluster;
  const { name, version } = observation.document;
  const of = { label: customer.name, href: `/customers/${customer.customerId}` };
  return {
    subject: { what: "cluster", name, here: `/clusters/${clusterId}`, of, version },
    check: () => removing.checkCluster(clusterId),
    async remove(typed) {
      await removing.removeCluster({ clusterId, expectedVersion: typed.version ?? version }, typed.confirm);
      return of.href;
    },
  };
}

async function customerIn(c: Context<ConsoleEnv>): Promise<Removing | undefined> {
  const { data: customerId } = customerIdSchema.safeParse(c.req.param("customerId"));
  const customer = customerId === undefined ? undefined : await c.get("data").customer(customerId);
  if (customerId === undefined || customer === undefined) return undefined;
  const { removing } = c.get("data");
  return {
    subject: { what: "customer", name: customer.name, here: `/customers/${customerId}`, of: null, version: null },
    check: () => removing.checkCustomer(customerId),
    async remove({ confirm }) {
      await removing.removeCustomer(customerId, confirm);
      return "/customers";
    },
  };
}
