import type { RequestListener } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { apiApp } from "../api/api-app.ts";
import { consoleRoutes, consoleSessions } from "../console/routes.ts";
import { useCaseConsoleData } from "../console/use-case-console-data.ts";
import type { Dependencies } from "../dependencies.ts";
import { AccountError } from "./accounts/account-file.ts";
import { type Accounts, startAccounts } from "./accounts/accounts.ts";
import type { FirstLogin } from "./first-login.ts";
import { joinCommand } from "./join-command.ts";
import { StartError } from "./start-error.ts";

/** What the embedded cloud shows on loopback: the issuer below `/oidc`, the API below `/v1`, and the console everywhere else. */
export async function consoleSite(
  dependencies: Dependencies,
  site: { readonly dataDir: string; readonly origin: string; readonly firstLogin: FirstLogin },
): Promise<RequestListener> {
  const { nowMs, log } = dependencies;
  const accounts = await startAccounts({ dataDir: site.dataDir, issuerUrl: `${site.origin}/oidc`, nowMs }).catch(mendable);
  await ensureFirstAccount(accounts, site.firstLogin).catch(mendable);
  const { identity, sessionKey } = accounts;
  const sessions = consoleSessions({ identity, sessionKey, nowMs });
  const session = async (request: Request) => {
    const found = await sessions.readSession(request.headers.get("cookie") ?? undefined);
    if (found === null) return undefined;
    return { ...found, access: { role: found.role === "administrator" ? "owner" : "viewer", customers: "all" } as const };
  };

  const api = apiApp({ ...dependencies, session });
  const pages = consoleRoutes({ data: useCaseConsoleData(dependencies), identity, sessionKey, joinCommand, nowMs, log });
  const app = new Hono().all("/v1/*", (context) => api.fetch(context.req.raw, context.env)).route("/", pages);
  const listener = getRequestListener(app.fetch);
  return (request, response) => (accounts.handles(request) ? accounts.callback(request, response) : void listener(request, response));
}

async function ensureFirstAccount(accounts: Accounts, { email, password }: FirstLogin): Promise<void> {
  if (!accounts.hasAccounts()) await accounts.createAccount(email, password, "administrator");
}

function mendable(error: unknown): never {
  throw error instanceof AccountError ? new StartError(error.message, error) : error;
}
