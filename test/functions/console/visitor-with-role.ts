import { createUser } from "../../../functions/use-cases/users.ts";
import type { Role } from "../../../shared/domain/access/access.ts";
import { HttpVisitor } from "./http-visitor.ts";
import type { RealConsole } from "./real-console.ts";

/** Somebody new who may do that much for every customer, and is logged in. */
export async function visitorWithRole({ dependencies, url }: RealConsole, role: Role): Promise<HttpVisitor> {
  const root = { name: "test", access: { role: "owner", customers: "all" }, expiresAt: null } as const;
  const email = `${role}@example.com`;
  const { password } = await createUser(dependencies, root, { email, access: { role, customers: "all" } });
  const visitor = new HttpVisitor(url);
  await visitor.logIn("/", { email, password });
  return visitor;
}
