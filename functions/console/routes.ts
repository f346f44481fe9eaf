import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { limits } from "../../shared/config/limits.ts";
import type { Log } from "../dependencies.ts";
import { Refusal } from "../use-cases/refusal.ts";
import { Assets } from "./assets.ts";
import { clusterRoutes } from "./cluster-routes.ts";
import type { ConsoleData } from "./console-data.ts";
import { customerRoutes } from "./customer-routes.ts";
import { fleetRoutes } from "./fleet-routes.ts";
import { type ConsoleEnv, requireAdministrator, requireCsrfToken, requireSession } from "./guard.ts";
import { IdentityProvider, type IdentityProviderSettings } from "./login/identity-provider.ts";
import { loginRoutes } from "./login/login-routes.ts";
import type { Shell } from "./pages/shell.ts";
import { answerError } from "./problem-answer.ts";
import { securityHeaders } from "./security-headers.ts";
import { Sessions } from "./session.ts";

export interface ConsoleDependencies {
  readonly data: ConsoleData;
  readonly identity: IdentityProviderSettings;
  /** 32 random bytes that stay the same over restarts: whoever has them can make any session. */
  readonly sessionKey: Uint8Array;
  /** The line that a person runs on the new node. */
  readonly joinCommand: (token: string) => string;
  readonly nowMs: () => number;
  readonly log: Log;
}

/** The sessions that the console starts; the API reads the same (`readSession`). */
export function consoleSessions(dependencies: Pick<ConsoleDependencies, "identity" | "sessionKey" | "nowMs">): Sessions {
  const secure = new URL(dependencies.identity.publicUrl).protocol === "https:";
  return new Sessions({ key: dependencies.sessionKey, secure, nowMs: dependencies.nowMs });
}

/**
 * The whole console, to be mounted at the root of an app (`app.route("/", consoleRoutes(...))`) after the routes of the API: it answers
 * `/`, `/fleet`, `/customers`, `/clusters`, `/login`, `/logout`, `/logged-out` and `/assets`, and nothing else.
 */
export function consoleRoutes(dependencies: ConsoleDependencies): Hono {
  const assets = new Assets();
  const shell: Shell = { assetUrl: assets.url };
  const sessions = consoleSessions(dependencies);
  const identityProvider = new IdentityProvider(dependencies.identity);
  const { data, joinCommand, nowMs, log } = dependencies;

  const open = new Hono().use(securityHeaders());
  open.route("/", assets.routes());
  open.route("/", loginRoutes({ identityProvider, sessions, key: dependencies.sessionKey, shell, nowMs, log }));

  const paths = ["/", "/fleet/*", "/customers/*", "/clusters/*", "/logout"];
  const inside = new Hono<ConsoleEnv>();
  for (const path of paths) {
    inside.use(
      path,
      securityHeaders(),
      requireSession(sessions),
      bodyLimit({ maxSize: limits.requestBodyBytesMax, onError: refuseBody }),
      requireCsrfToken(),
      requireAdministrator(),
    );
  }
  inside.post("/logout", (c) => {
    c.header("Set-Cookie", sessions.end());
    return c.redirect("/logged-out", 303);
  });
  inside.route("/", fleetRoutes(shell, data));
  inside.route("/", customerRoutes(shell, data));
  inside.route("/", clusterRoutes(shell, data, { joinCommand, nowMs }));
  inside.onError((error, c) => answerError(error, c, shell, log));

  return new Hono().route("/", open).route("/", inside);
}

function refuseBody(): never {
  throw new Refusal("body-too-large", `a form may carry at most ${limits.requestBodyBytesMax} bytes`, "Go back and enter less.");
}
