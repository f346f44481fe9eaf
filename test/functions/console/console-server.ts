import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { ConsoleSource } from "../../../functions/console/console-data.ts";
import { consoleRoutes } from "../../../functions/console/routes.ts";
import { type Accounts, startAccounts } from "../../../functions/embedded/accounts/accounts.ts";
import type { Role } from "../../../shared/domain/access/access.ts";

export interface ConsoleServer {
  readonly url: string;
  readonly accounts: Accounts;
  /** Makes an account and its user. */
  letIn(email: string, password: string, role: Role): Promise<void>;
  /** Everything that was logged, as `level message`. */
  readonly logged: readonly string[];
  close(): Promise<void>;
}

const long = "1970-01-01T00:00:00.000Z";

export const administrator = { email: "admin@example.com", password: "correct horse battery" } as const;

/** The real console with the real issuer on one real port; only the data behind the pages are the test's. `port`: 0 for any. */
export async function startConsoleServer(options: {
  readonly data: ConsoleSource;
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
  const roles = new Map<string, Role>();
  const letIn = async (email: string, password: string, role: Role) => {
    await accounts.createAccount(email, password);
    roles.set(email, role);
  };
  if (accounts.all().length === 0) await letIn(administrator.email, administrator.password, "owner");
  const findUser = async (userId: string) => {
    const account = accounts.all().find(({ accountId }) => accountId === userId);
    if (account === undefined) return undefined;
    const access = { role: roles.get(account.email) ?? "owner", customers: "all" } as const;
    return { userId, email: account.email, access, createdAt: long, createdBy: "test", sessionsFrom: long };
  };
  const routes = consoleRoutes({
    data: options.data,
    findUser,
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
    letIn,
    logged,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
