import { type Context, Hono } from "hono";
import { createUserSchema } from "../../shared/protocol/access-contract.ts";
import { Refusal } from "../use-cases/refusal.ts";
import { accessFrom } from "./access-form.ts";
import { fieldsOf, problemsOf } from "./form-fields.ts";
import type { ConsoleEnv } from "./guard.ts";
import type { Shell } from "./pages/shell.ts";
import { type UsersView, usersPage } from "./pages/users-page.ts";

export function userRoutes(shell: Shell): Hono<ConsoleEnv> {
  const routes = new Hono<ConsoleEnv>();

  routes.get("/users", (c) => page(c, null));

  routes.post("/users", async (c) => {
    const fields = await fieldsOf(c);
    const email = createUserSchema.shape.email.safeParse(fields["email"]?.trim());
    if (!email.success) throw new Refusal("invalid-request", problemsOf(email.error), "Go back and correct it.");
    const { password } = await c.get("data").createUser({ email: email.data, access: accessFrom(fields) });
    return page(c, { email: email.data, password });
  });

  routes.post("/users/:userId/access", async (c) => {
    await c.get("data").changeUser(c.req.param("userId"), accessFrom(await fieldsOf(c)));
    return c.redirect("/users", 303);
  });

  routes.post("/users/:userId/password", async (c) => {
    const { user, password } = await c.get("data").resetPassword(c.req.param("userId"));
    return page(c, { email: user.email, password });
  });

  routes.post("/users/:userId/removal", async (c) => {
    await c.get("data").removeUser(c.req.param("userId"));
    return c.redirect("/users", 303);
  });

  async function page(c: Context<ConsoleEnv>, issued: UsersView["issued"]) {
    const data = c.get("data");
    const [users, customers] = await Promise.all([data.users(), data.allCustomers()]);
    return c.html(usersPage(shell, c.get("session"), { users, customers, issued }));
  }

  return routes;
}
