import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import type { z } from "zod";
import { judgeAccess, type Requirement } from "../../shared/domain/access/access.ts";
import type { CustomerId } from "../../shared/domain/ids.ts";
import { clusterIdSchema, customerIdSchema } from "../../shared/protocol/id-schemas.ts";
import { tooLittleAccess } from "../use-cases/access-refusal.ts";
import { clusterOrRefuse, noSuchCluster, noSuchCustomer } from "../use-cases/find-or-refuse.ts";
import { CallerRates, defaultRates, RateLimit } from "../use-cases/rate-limit.ts";
import { Refusal } from "../use-cases/refusal.ts";
import { routeParameters } from "../use-cases/route-parameters.ts";
import { actorOf, enter } from "./acting.ts";
import { addressOf } from "./address-of.ts";
import type { ApiDependencies, ApiEnv } from "./api-env.ts";
import type { RouteAccess } from "./api-route.ts";
import { authenticate, refuseForeignPage } from "./authenticate.ts";

interface Declared {
  /** As in the OpenAPI document: `/v1/clusters/{clusterId}`. */
  readonly path: string;
  readonly access: RouteAccess;
  readonly isEvenOfRemoved: boolean;
}

/**
 * The one place that lets a request in: it must match a declared route, come from somebody known, be about a customer of theirs, and be within their
 * role. Whatever is not declared is there for nobody.
 */
export function gate(api: OpenAPIHono<ApiEnv>, dependencies: ApiDependencies): MiddlewareHandler<ApiEnv> {
  const rates = { ...defaultRates, ...dependencies.rates };
  const callers = dependencies.callerRates ?? new CallerRates(rates, dependencies.nowMs);
  const addresses = new RateLimit(rates.strangers, dependencies.nowMs);
  let declared: ReadonlyMap<string, Declared> | undefined;
  return async (context, next) => {
    declared ??= declaredRoutes(api);
    const route = matchedRoutes(context)
      .map(({ method, path }) => declared?.get(`${method} ${path}`))
      .find((found) => found !== undefined);
    const requestId = context.get("requestId");
    // Where every route is public nobody needs to be known: what is not there is not there for anybody.
    const isOpen = [...declared.values()].every(({ access }) => access === "public");
    if (isOpen || route?.access === "public") {
      addresses.take(addressOf(context));
      if (route === undefined) throw noSuchRoute(context);
      context.set("acting", { ...dependencies, actor: { ...dependencies.actor, requestId } });
      return next();
    }
    const authenticated = await authenticate(dependencies, context.req.raw).catch((error: unknown) => {
      if (error instanceof Refusal && error.code === "not-signed-in") addresses.take(addressOf(context));
      throw error;
    });
    const { principal } = authenticated;
    context.set("asked", { actor: actorOf(principal, requestId), access: principal.access, ...requested(context, route?.path) });
    if (principal.kind === "session") refuseForeignPage(context.req.raw);
    callers.take(principal);
    if (route === undefined) throw noSuchRoute(context);
    await admit(context, dependencies, route.access, route.isEvenOfRemoved);
    enter(context, dependencies, authenticated);
    return next();
  };
}

function requested({ req: { method, path } }: Context<ApiEnv>, pattern: string | undefined) {
  return pattern === undefined
    ? { route: method, parameters: {}, path }
    : { route: `${method} ${pattern}`, parameters: routeParameters(pattern, path), path };
}

async function admit(
  context: Context<ApiEnv>,
  dependencies: ApiDependencies,
  requirement: Requirement,
  isEvenOfRemoved: boolean,
): Promise<void> {
  const { access, parameters } = context.get("asked");
  const { customer, unknown } = await subjectOf(dependencies, parameters, isEvenOfRemoved);
  const verdict = judgeAccess(access, requirement, customer);
  if (verdict === "unknown") throw unknown;
  if (verdict === "forbidden") throw tooLittleAccess(access, requirement);
}

/** The customer that the request is about, and how to refuse it to those who may not know that it is there. */
async function subjectOf(
  dependencies: ApiDependencies,
  { customerId, clusterId }: Readonly<Record<string, string>>,
  isEvenOfRemoved: boolean,
): Promise<{ readonly customer: CustomerId | null; readonly unknown: Refusal | null }> {
  if (clusterId !== undefined) {
    const id = checked(clusterIdSchema, "clusterId", clusterId);
    const removal = isEvenOfRemoved ? await dependencies.stores.removals.findCluster(id) : undefined;
    const { customerId: customer } = removal ?? (await clusterOrRefuse(dependencies, id)).document;
    return { customer, unknown: noSuchCluster(id) };
  }
  if (customerId === undefined) return { customer: null, unknown: null };
  const id = checked(customerIdSchema, "customerId", customerId);
  return { customer: id, unknown: noSuchCustomer(id) };
}

function checked<Id>(schema: z.ZodType<Id>, name: string, text: string): Id {
  const parsed = schema.safeParse(text);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ message }) => ({ path: name, message }));
  throw new Refusal("invalid-request", `the path names no ${name}`, "Correct what is listed under problems, and send it again.", {
    problems,
  });
}

function noSuchRoute({ req }: Context): Refusal {
  return new Refusal("not-found", `there is no ${req.method} ${req.path}`, "See /v1/openapi.json for what there is.");
}

/** By method and path as the router has them. */
function declaredRoutes(api: OpenAPIHono<ApiEnv>): ReadonlyMap<string, Declared> {
  const routes = api.openAPIRegistry.definitions.flatMap((definition) => (definition.type === "route" ? [definition.route] : []));
  return new Map(
    routes.flatMap((route) => {
      const access = route["x-access"] as RouteAccess | undefined;
      const key = `${route.method.toUpperCase()} ${route.path.replaceAll(/\{(\w+)\}/g, ":$1")}`;
      const isEvenOfRemoved = route["x-even-removed"] === true;
      return access === undefined ? [] : [[key, { path: route.path, access, isEvenOfRemoved }] as const];
    }),
  );
}
