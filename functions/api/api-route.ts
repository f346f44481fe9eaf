import { createRoute, type RouteConfig } from "@hono/zod-openapi";
import type { Requirement } from "../../shared/domain/access/access.ts";

/** What a route asks of its caller; `public`: not even a sign-in. Stands in the OpenAPI document as `x-access`. */
export type RouteAccess = Requirement | "public";

type Declared<Path extends string> = Omit<RouteConfig, "path" | "security"> & {
  readonly path: Path;
  readonly "x-access": RouteAccess;
  /** It is there for a cluster that was removed, too: by the same request an interrupted removal goes on. */
  readonly "x-even-removed"?: true;
};

/**
 * A route of the API. Whoever adds one says in it who may call: `gate.ts` holds every request to that before anything else of the request is read,
 * and answers nobody on a route that says nothing. test/functions/api/access-matrix.test.ts then asks for a sample of its requests.
 */
export function apiRoute<const Path extends string, const Config extends Declared<Path>>(config: Config) {
  const access = config["x-access"];
  const named = /\{(customerId|clusterId)\}/.test(config.path);
  if (access !== "public" && (access.reach === "customer") !== named && access.reach !== "provider") {
    throw new Error(
      `${config.method} ${config.path}: its path must name a customer or a cluster where its reach is "customer", and only there`,
    );
  }
  return createRoute<Path, Config & { security: Record<string, string[]>[] }>({
    ...config,
    security: access === "public" ? [] : [{ apiKey: [] }],
  });
}
