import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  None,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from "openid-client";

export interface IdentityProviderSettings {
  readonly issuerUrl: string;
  readonly clientId: string;
  /** Where the browser reaches the console: scheme, host and port. */
  readonly publicUrl: string;
}

/** What must be remembered between leaving for the issuer and coming back. */
export interface LoginAttempt {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export interface Identity {
  readonly userId: string;
  readonly email: string;
}

/** Any OpenID Connect issuer, by authorization code with PKCE: the embedded accounts and Cognito differ only in their address. */
export class IdentityProvider {
  readonly #settings: IdentityProviderSettings;
  #configuration: Promise<Configuration> | undefined;

  constructor(settings: IdentityProviderSettings) {
    this.#settings = settings;
  }

  get publicUrl(): URL {
    return new URL(this.#settings.publicUrl);
  }

  /** Where to send the browser. Rejects while the issuer does not answer. */
  async begin(): Promise<{ readonly url: URL; readonly attempt: LoginAttempt }> {
    const configuration = await this.#discover();
    const attempt = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
    const url = buildAuthorizationUrl(configuration, {
      redirect_uri: new URL("/login/callback", this.#settings.publicUrl).href,
      scope: "openid email",
      // The console's own session is what lasts: whoever has logged out must give the password again.
      prompt: "login",
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: await calculatePKCECodeChallenge(attempt.verifier),
      code_challenge_method: "S256",
    });
    return { url, attempt };
  }

  /** `callback`: path and query with which the issuer sent the browser back. Rejects where anything about the answer does not fit. */
  async finish(callback: URL, attempt: LoginAttempt): Promise<Identity> {
    const answer = new URL(callback.pathname + callback.search, this.#settings.publicUrl);
    const tokens = await authorizationCodeGrant(await this.#discover(), answer, {
      expectedState: attempt.state,
      expectedNonce: attempt.nonce,
      pkceCodeVerifier: attempt.verifier,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (claims === undefined) throw new Error("the issuer sent no ID token");
    return { userId: claims.sub, email: typeof claims["email"] === "string" ? claims["email"] : claims.sub };
  }

  /** Kept once it has worked; a failure is forgotten, so that the next visitor tries again. */
  #discover(): Promise<Configuration> {
    const issuer = new URL(this.#settings.issuerUrl);
    const options = isLoopback(issuer) ? { execute: [allowInsecureRequests] } : {};
    this.#configuration ??= discovery(issuer, this.#settings.clientId, undefined, None(), options).catch((error: unknown) => {
      this.#configuration = undefined;
      throw error;
    });
    return this.#configuration;
  }
}

/** Plain HTTP is bearable only where the bytes never leave the machine. */
function isLoopback(url: URL): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
}
