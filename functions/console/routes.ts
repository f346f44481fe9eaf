import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { limits } from "../../shared/config/limits.ts";
import type { Log } from "../dependencies.ts";
import type { User } from "../store/user-store.ts";
import { CallerRates, defaultRates } from "../use-cases/rate-limit.ts";
import { Refusal } from "../use-cases/refusal.ts";
import { alertRoutes } from "./alert-routes.ts";
import { apiKeyRoutes } from "./api-key-routes.ts";
import { Assets } from "./assets.ts";
import { auditRoutes } from "./audit-routes.ts";
import { availabilityRoutes } from "./availability-routes.ts";
import { bulkRoutes } from "./bulk-routes.ts";
import { clusterChangeRoutes } from "./cluster-change-routes.ts";
import { clusterRoutes } from "./cluster-routes.ts";
import { clusterSettingRoutes } from "./cluster-setting-routes.ts";
import type { ConsoleSource } from "./console-data.ts";
import { customerRoutes } from "./customer-routes.ts";
import { fleetLicenceRoutes } from "./fleet-licence-routes.ts";
import { fleetRoutes } from "./fleet-routes.ts";
import { type ConsoleEnv, limitCallers, noteRefusals, requireCsrfToken, requireSession } from "./guard.ts";
import { licenceRoutes } from "./licence-routes.ts";
import { IdentityProvider, type IdentityProviderSettings } from "./login/identity-provider.ts";
import { loginRoutes } from "./login/login-routes.ts";
import { requireAccess } from "./page-access.ts";
import type { Shell } from "./pages/shell.ts";
import { answerError } from "./problem-answer.ts";
import { removalRoutes } from "./removal-routes.ts";
import { securityHeaders } from "./security-headers.ts";
import { Sessions } from "./session.ts";
import { triggerRoutes } from "./trigger-routes.ts";
import { userRoutes } from "./user-routes.ts";

export interface ConsoleDependencies {
  readonly data: ConsoleSource;
  /** The people who may log in, by the id that the issuer tells. */
  readonly findUser: (userId: string) => Promise<User | undefined>;
  readonly identity: IdentityProviderSettings;
  /** 32 random bytes that stay the same over restarts: whoever has them can make any session. */
  readonly sessionKey: Uint8Array;
  /** The line that a person runs on the new node. */
  readonly joinCommand: (token: string) => string;
  readonly nowMs: () => number;
  readonly log: Log;
  /** Where they are shared with other doors of the process. */
  readonly callerRates?: CallerRates;
}

/** The sessions that the console starts; the API reads the same (`readSession`). */
export function consoleSessions(dependencies: Pick<ConsoleDependencies, "identity" | "sessionKey" | "nowMs" | "findUser">): Sessions {
  const secure = new URL(dependencies.identity.publicUrl).protocol === "https:";
  const { sessionKey: key, nowMs, findUser } = dependencies;
  return new Sessions({ key, secure, nowMs, findUser });
}

/**
 * The whole console, to be mounted at the root of an app (`app.route("/", consoleRoutes(...))`) after the routes of the API: it answers
 * `/`, `/fleet`, `/customers`, `/clusters`, `/users`, `/api-keys`, `/audit`, `/licences`, `/login`, `/logout`, `/logged-out` and `/assets`, and nothing else.
 */
export function consoleRoutes(dependencies: ConsoleDependencies): Hono {
  const assets = new Assets();
  const shell: Shell = { assetUrl: assets.url };
  const sessions = consoleSessions(dependencies);
  const identityProvider = new IdentityProvider(dependencies.identity);
  const { data, joinCommand, nowMs, log, callerRates = new CallerRates(defaultRates, dependencies.nowMs) } = dependencies;

  const open = new Hono().use(securityHeaders());
  open.route("/", assets.routes());
  open.route("/", loginRoutes({ identityProvider, sessions, key: dependencies.sessionKey, shell, nowMs, log }));

  const paths = ["/", "/fleet/*", "/customers/*", "/clusters/*", "/users/*", "/api-keys/*", "/audit", "/licences", "/logout"];
  const inside = new Hono<ConsoleEnv>();
  for (const path of paths) {
    inside.use(
      path,
      securityHeaders(),
      requireSession(sessions, data),
      noteRefusals(data),
      limitCallers(callerRates),
      bodyLimit({ maxSize: limits.requestBodyBytesMax, onError: refuseBody }),
      requireCsrfToken(),
      requireAccess(data, shell),
    );
  }
  inside.post("/logout", (c) => {
    c.header("Set-Cookie", sessions.end());
    return c.redirect("/logged-out", 303);
  });
  inside.route("/", fleetRoutes(shell));
  inside.route("/", bulkRoutes(shell, { nowMs }));
  inside.route("/", customerRoutes(shell));
  inside.route("/", clusterRoutes(shell, { joinCommand, nowMs }));
  inside.route("/", clusterSettingRoutes(shell));
  inside.route("/", clusterChangeRoutes(shell));
  inside.route("/", removalRoutes(shell));
  inside.route("/", fleetLicenceRoutes(shell, { nowMs }));
  inside.route("/", triggerRoutes(shell));
  inside.route("/", licenceRoutes(shell, { nowMs }));
  inside.route("/", availabilityRoutes(shell, { nowMs }));
  inside.route("/", alertRoutes(shell, { nowMs }));
  inside.route("/", userRoutes(shell));
  inside.route("/", apiKeyRoutes(shell, { nowMs }));
  inside.route("/", auditRoutes(shell));
  inside.onError((error, c) => answerError(error, c, shell, log));

  return new Hono().route("/", open).route("/", inside);
}

function refuseBody(): never {
  throw new Refusal("body-too-large", `a form may carry at most ${limits.requestBodyBytesMax} bytes`, "Go back and enter less.");
}
