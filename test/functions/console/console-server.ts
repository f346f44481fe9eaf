import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { ConsoleData } from "../../../functions/console/console-data.ts";
import { consoleRoutes } from "../../../functions/console/routes.ts";
import { type Accounts, startAccounts } from "../../../functions/embedded/accounts/accounts.ts";

export interface ConsoleServer {
  readonly url: string;
  readonly accounts: Accounts;
  /** Everything that was logged, as `level message`. */
  readonly logged: readonly string[];
  close(): Promise<void>;
}

export const administrator = { email: "admin@example.com", password: "correct horse battery" } as const;

/** The real console with the real issuer on one real port; only the data behind the pages are the test's. `port`: 0 for any. */
export async function startConsoleServer(options: {
  readonly data: ConsoleData;
  readonly dataDir: string;
  readonly port?: number;
  readonly nowMs?: () => number;
}): Promise<ConsoleServer> {
  const nowMs = options.nowMs ?? (() => Date.now());
  const logged: string[] = [];
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const accounts = await startAccounts({ dataDir: options.dataDir, issuerUrl: `${url}/oidc`, nowMs });
  if (!accounts.hasAccounts()) await accounts.createAccount(administrator.email, administrator.password, "administrator");
  const routes = consoleRoutes({
    data: options.data,
    identity: accounts.identity,
    sessionKey: accounts.sessionKey,
    joinCommand: (token) => `understudy agent join --token ${token}`,
    nowMs,
    log: {
      info: (facts, message) => logged.push(`info ${message} ${JSON.stringify(facts)}`),
      warn: (facts, message) => logged.push(`warn ${message} ${JSON.stringify(facts)}`),
      error: (facts, message) => logged.push(`error ${message} ${JSON.stringify(facts)}`),
    },
  });
  const listener = getRequestListener(routes.fetch);
  server.on("request", (request, response) => {
    if (accounts.handles(request)) accounts.callback(request, response);
    else void listener(request, response);
  });
  return {
    url,
    accounts,
    logged,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
