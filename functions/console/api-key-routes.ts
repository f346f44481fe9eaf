import { type Context, Hono } from "hono";
import { displayNameSchema } from "../../shared/protocol/id-schemas.ts";
import { Refusal } from "../use-cases/refusal.ts";
import { accessFrom } from "./access-form.ts";
import { fieldsOf, problemsOf } from "./form-fields.ts";
import type { ConsoleEnv } from "./guard.ts";
import { type ApiKeysView, apiKeysPage } from "./pages/api-keys-page.ts";
import type { Shell } from "./pages/shell.ts";

const dayMs = 24 * 60 * 60 * 1_000;

export function apiKeyRoutes(shell: Shell, { nowMs }: { readonly nowMs: () => number }): Hono<ConsoleEnv> {
  const routes = new Hono<ConsoleEnv>();

  routes.get("/api-keys", (c) => page(c, null));

  routes.post("/api-keys", async (c) => {
    const fields = await fieldsOf(c);
    const name = displayNameSchema.safeParse(fields["name"]?.trim());
    if (!name.success) throw new Refusal("invalid-request", problemsOf(name.error), "Go back and correct it.");
    const expiresAt = expiryOf(fields["days"] ?? "");
    const { secret } = await c.get("data").createApiKey({ name: name.data, access: accessFrom(fields), expiresAt });
    return page(c, { name: name.data, secret });
  });

  routes.post("/api-keys/:keyId/revocation", async (c) => {
    await c.get("data").revokeApiKey(c.req.param("keyId"));
    return c.redirect("/api-keys", 303);
  });

  function expiryOf(days: string): string | null {
    if (days === "") return null;
    if (/^[1-9]\d{0,3}$/.test(days)) return new Date(nowMs() + Number(days) * dayMs).toISOString();
    throw new Refusal("invalid-request", "the days are no number from 1 to 9999", "Go back and choose one of the times.");
  }

  async function page(c: Context<ConsoleEnv>, issued: ApiKeysView["issued"]) {
    const data = c.get("data");
    const [apiKeys, customers] = await Promise.all([data.apiKeys(), data.allCustomers()]);
    return c.html(apiKeysPage(shell, c.get("session"), { apiKeys, customers, issued }));
  }

  return routes;
}
