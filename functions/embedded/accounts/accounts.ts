import type { IncomingMessage, ServerResponse } from "node:http";
import { resolve } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { Assets } from "../../console/assets.ts";
import type { IdentityProviderSettings } from "../../console/login/identity-provider.ts";
import { AccountDirectory } from "./account-directory.ts";
import { type Account, AccountFile } from "./account-file.ts";
import { consoleClientId, localProvider } from "./local-provider.ts";
import { loginForm } from "./login-form.ts";
import { loadProviderSecrets } from "./provider-secrets.ts";

export interface AccountsOptions {
  /** Holds `accounts.json` and `accounts-secrets.json`, both 0600. */
  readonly dataDir: string;
  /** The console's own origin and the path `/oidc`, e.g. `http://127.0.0.1:8080/oidc`: no other path, nothing behind it. */
  readonly issuerUrl: string;
  readonly nowMs: () => number;
}

/**
 * The people of the embedded cloud. To mount on the Node server that also serves the console:
 *
 *     createServer((request, response) => (accounts.handles(request) ? accounts.callback(request, response) : listener(request, response)))
 *
 * and to give to the console: `consoleRoutes({ identity: accounts.identity, sessionKey: accounts.sessionKey, ... })`.
 */
export interface Accounts {
  /** Whether the request is the issuer's. */
  handles(request: IncomingMessage): boolean;
  callback(request: IncomingMessage, response: ServerResponse): void;
  readonly identity: IdentityProviderSettings;
  /** Seals the console's sessions; the same after every restart. */
  readonly sessionKey: Uint8Array;
  /** Where the control plane makes and ends sign-ins. */
  readonly directory: AccountDirectory;
  all(): readonly Account[];
  /** Rejects with an `AccountError` that names the cause and what would do. */
  createAccount(email: string, password: string): Promise<Account>;
}

export async function startAccounts({ dataDir, issuerUrl, nowMs }: AccountsOptions): Promise<Accounts> {
  const issuer = new URL(issuerUrl);
  const accounts = new AccountFile(resolve(dataDir, "accounts.json"));
  const secrets = await loadProviderSecrets(resolve(dataDir, "accounts-secrets.json"));
  const shell = { assetUrl: new Assets().url };
  const provider = localProvider({ issuerUrl: issuer, accounts, secrets, shell, nowMs });
  const path = `${issuer.pathname}/interaction/:uid`;
  const interaction = getRequestListener(loginForm({ provider, accounts, shell, path, nowMs }).fetch);
  const protocol = provider.callback();

  return {
    handles: (request) => request.url === issuer.pathname || request.url?.startsWith(`${issuer.pathname}/`) === true,
    callback(request, response) {
      if (request.url?.startsWith(`${issuer.pathname}/interaction/`) === true) return void interaction(request, response);
      // Mounted below a path: the provider looks at `url`, and makes its links from `originalUrl`.
      Object.assign(request, { originalUrl: request.url, url: request.url?.slice(issuer.pathname.length) || "/" });
      void protocol(request, response);
    },
    identity: { issuerUrl, clientId: consoleClientId, publicUrl: issuer.origin },
    sessionKey: secrets.sessionKey,
    directory: new AccountDirectory(accounts, nowMs),
    all: () => accounts.all,
    createAccount: (email, password) => accounts.create(email, password, nowMs()),
  };
}
