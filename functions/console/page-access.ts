import type { MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import { judgeAccess, type Requirement } from "../../shared/domain/access/access.ts";
import type { CustomerId } from "../../shared/domain/ids.ts";
import { clusterIdSchema, customerIdSchema } from "../../shared/protocol/id-schemas.ts";
import { tooLittleAccess } from "../use-cases/access-refusal.ts";
import { routeParameters } from "../use-cases/route-parameters.ts";
import type { ConsoleSource } from "./console-data.ts";
import type { ConsoleEnv } from "./guard.ts";
import type { Shell } from "./pages/shell.ts";
import { notFound } from "./problem-answer.ts";

const look: Requirement = { role: "viewer", reach: "customer" };
const operate: Requirement = { role: "operator", reach: "customer" };
const own: Requirement = { role: "owner", reach: "customer" };
const provide: Requirement = { role: "owner", reach: "provider" };
const grant: Requirement = { role: "owner", reach: "own" };

/** What each page and form asks of its visitor, as the API's routes do in `x-access`. What does not stand here is there for nobody. */
export const pageAccess: Readonly<Record<string, Requirement>> = {
  "GET /": { role: "viewer", reach: "own" },
  "GET /fleet/live": { role: "viewer", reach: "own" },
  "GET /fleet/bulk": { role: "operator", reach: "own" },
  "POST /fleet/bulk": { role: "operator", reach: "own" },
  "POST /logout": { role: "viewer", reach: "own" },
  "GET /customers": { role: "viewer", reach: "own" },
  "GET /customers/new": provide,
  "POST /customers": provide,
  "GET /customers/:customerId": look,
  "GET /customers/:customerId/live": look,
  "GET /customers/:customerId/removal": provide,
  "POST /customers/:customerId/removal": provide,
  "GET /customers/:customerId/clusters/new": operate,
  "POST /customers/:customerId/clusters": operate,
  "POST /customers/:customerId/subscriptions": operate,
  "GET /customers/:customerId/alerts": look,
  "POST /customers/:customerId/alerts/settings": operate,
  "POST /customers/:customerId/alerts/maintenance": operate,
  "POST /customers/:customerId/alerts/maintenance/end": operate,
  "POST /customers/:customerId/alerts/redrive": operate,
  "GET /customers/:customerId/audit": own,
  "GET /customers/:customerId/availability": look,
  "GET /clusters/:clusterId": look,
  "GET /clusters/:clusterId/availability": look,
  "GET /clusters/:clusterId/live": look,
  "GET /clusters/:clusterId/alerts": look,
  "POST /clusters/:clusterId/alerts/acknowledge": operate,
  "POST /clusters/:clusterId/alerts/test": operate,
  "POST /clusters/:clusterId/join-tokens": operate,
  "POST /clusters/:clusterId/join-tokens/withdrawal": operate,
  "POST /clusters/:clusterId/when-alone": operate,
  "POST /clusters/:clusterId/cloud-witness": operate,
  "POST /clusters/:clusterId/group-order": operate,
  "POST /clusters/:clusterId/conflicts": operate,
  "POST /clusters/:clusterId/file-trees": operate,
  "GET /clusters/:clusterId/changes": operate,
  "POST /clusters/:clusterId/changes": operate,
  "GET /clusters/:clusterId/removal": own,
  "POST /clusters/:clusterId/removal": own,
  "GET /clusters/:clusterId/triggers": look,
  "POST /clusters/:clusterId/triggers": operate,
  "POST /clusters/:clusterId/triggers/removal": operate,
  "POST /clusters/:clusterId/licences": provide,
  "GET /clusters/:clusterId/licences": look,
  "GET /clusters/:clusterId/licences/:licenceId/file": look,
  "POST /clusters/:clusterId/licences/issue": provide,
  "POST /clusters/:clusterId/licences/withdraw": provide,
  "POST /clusters/:clusterId/licences/trial": own,
  "POST /clusters/:clusterId/licences/import": own,
  "POST /clusters/:clusterId/licences/devices": operate,
  "POST /clusters/:clusterId/licences/primary": operate,
  "GET /users": grant,
  "POST /users": grant,
  "POST /users/:userId/access": grant,
  "POST /users/:userId/password": grant,
  "POST /users/:userId/removal": grant,
  "GET /api-keys": grant,
  "POST /api-keys": grant,
  "POST /api-keys/:keyId/revocation": grant,
  "GET /licences": { role: "viewer", reach: "own" },
  "GET /audit": provide,
};

/** The one place that lets a visitor see a page or send a form: by the table above, whose customer it is about, and the visitor's role. */
export function requireAccess(source: ConsoleSource, shell: Shell): MiddlewareHandler<ConsoleEnv> {
  return async (c, next) => {
    const keys = matchedRoutes(c).map(({ method, path }) => `${method} ${path}`);
    const key = keys.find((one) => one in pageAccess);
    const requirement = key === undefined ? undefined : pageAccess[key];
    if (key === undefined || requirement === undefined) return notFound(c, shell, "page");
    const parameters = routeParameters(key.slice(key.indexOf("/")), c.req.path);
    const { customerId, clusterId } = parameters;
    const kind = customerId === undefined ? (clusterId === undefined ? null : "cluster") : "customer";
    const customer = kind === null ? null : await customerOf(source, kind, customerId ?? clusterId ?? "");
    c.set("asked", { route: key, parameters });
    if (customer === undefined) return notFound(c, shell, kind ?? "page");
    const { access } = c.get("session");
    const verdict = judgeAccess(access, requirement, customer);
    if (verdict === "unknown") return notFound(c, shell, kind ?? "page");
    if (verdict === "forbidden") throw tooLittleAccess(access, requirement);
    return next();
  };
}

/** Undefined for what can be nobody's: it is answered like what is somebody else's. */
async function customerOf(source: ConsoleSource, kind: "customer" | "cluster", id: string): Promise<CustomerId | undefined> {
  if (kind === "customer") return customerIdSchema.safeParse(id).data;
  const clusterId = clusterIdSchema.safeParse(id).data;
  return clusterId === undefined ? undefined : source.customerOf(clusterId);
}
