import { type Configuration, errors, type KoaContextWithOIDC, Provider } from "oidc-provider";
import { loginFailedPage } from "../../console/login/login-pages.ts";
import type { Shell } from "../../console/pages/shell.ts";
import type { AccountFile } from "./account-file.ts";
import type { ProviderSecrets } from "./provider-secrets.ts";
import { volatileAdapter } from "./volatile-adapter.ts";

export const consoleClientId = "understudy-console";
const scope = "openid email";
const loginSeconds = 10 * 60;

export interface LocalProviderOptions {
  readonly issuerUrl: URL;
  readonly accounts: AccountFile;
  readonly secrets: ProviderSecrets;
  readonly shell: Shell;
  readonly nowMs: () => number;
}

/** An OpenID Connect issuer with one client, the console: what Cognito is in the cloud. Authorization code with PKCE, and nothing else. */
export function localProvider(options: LocalProviderOptions): Provider {
  const { issuerUrl, accounts, secrets, shell } = options;
  const configuration: Configuration = {
    adapter: volatileAdapter(options.nowMs),
    clients: [
      {
        client_id: consoleClientId,
        redirect_uris: [new URL("/login/callback", issuerUrl).href],
        response_types: ["code"],
        grant_types: ["authorization_code"],
        token_endpoint_auth_method: "none",
        id_token_signed_response_alg: "ES256",
      },
    ],
    jwks: { keys: [secrets.signingKey] },
    cookies: { keys: [secrets.cookieKey] },
    claims: { openid: ["sub"], email: ["email"] },
    // The console reads who it is from the ID token alone, as Cognito sends it.
    conformIdTokenClaims: false,
    responseTypes: ["code"],
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: false }, userinfo: { enabled: false } },
    interactions: { url: (_ctx, interaction) => `${issuerUrl.pathname}/interaction/${interaction.uid}` },
    ttl: {
      AccessToken: 60,
      AuthorizationCode: 60,
      IdToken: 60,
      Grant: loginSeconds,
      Interaction: loginSeconds,
      Session: loginSeconds,
    },
    async findAccount(_ctx, accountId) {
      const account = accounts.find(accountId);
      if (account === undefined) return undefined;
      return { accountId, claims: async () => ({ sub: accountId, email: account.email }) };
    },
    loadExistingGrant: consoleGrant,
    async renderError(ctx, out, error) {
      ctx.type = "html";
      const cause = error instanceof errors.SessionNotFound ? "This login has expired." : `The login was not completed (${out.error}).`;
      ctx.body = String(await loginFailedPage(shell, cause, "Log in again."));
    },
  };
  return new Provider(issuerUrl.href, configuration);
}

/** The console is the provider's own: nobody is asked whether it may know their e-mail address. */
async function consoleGrant(ctx: KoaContextWithOIDC) {
  const { client, session, provider } = ctx.oidc;
  if (client === undefined || session?.accountId === undefined) return undefined;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope(scope);
  await grant.save();
  return grant;
}
