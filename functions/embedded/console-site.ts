import type { RequestListener } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { apiApp } from "../api/api-app.ts";
import { joinCommand } from "../console/join-command.ts";
import { consoleRoutes, consoleSessions } from "../console/routes.ts";
import { useCaseConsoleSource } from "../console/use-case-console-data.ts";
import type { Dependencies } from "../dependencies.ts";
import type { CallerRates } from "../use-cases/rate-limit.ts";
import type { Accounts } from "./accounts/accounts.ts";

/** What the embedded cloud shows on loopback: the issuer below `/oidc`, the API below `/v1`, and the console everywhere else. */
export function consoleSite(dependencies: Dependencies, accounts: Accounts, callerRates: CallerRates): RequestListener {
  const { nowMs, log, stores } = dependencies;
  const { identity, sessionKey } = accounts;
  const findUser = (userId: string) => stores.users.find(userId);
  const sessions = consoleSessions({ identity, sessionKey, nowMs, findUser });
  const session = async (request: Request) => (await sessions.readSession(request.headers.get("cookie") ?? undefined)) ?? undefined;

  const api = apiApp({ ...dependencies, session, callerRates });
  const data = useCaseConsoleSource(dependencies);
  const pages = consoleRoutes({ data, findUser, identity, sessionKey, joinCommand, nowMs, log, callerRates });
  const app = new Hono().all("/v1/*", (context) => api.fetch(context.req.raw, context.env)).route("/", pages);
  const listener = getRequestListener(app.fetch);
  return (request, response) => (accounts.handles(request) ? accounts.callback(request, response) : void listener(request, response));
}
