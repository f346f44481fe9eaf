import type { Dependencies } from "../dependencies.ts";

/** Who is calling. Every signed-in caller belongs to the provider, and sees all of its customers. */
export interface Principal {
  readonly kind: "api-key" | "session";
  readonly role: Role;
  /** The key's name, or the person's e-mail address: for logs. */
  readonly name: string;
}

/** A viewer sees everything and changes nothing. */
export type Role = "administrator" | "viewer";

/** Tells who is signed in at the console by the request's cookies; undefined: nobody. */
export type SessionCheck = (request: Request) => Promise<{ readonly email: string; readonly role: Role } | undefined>;

/** What the routes need: the use cases' dependencies, and the console's sign-in where there is one. */
export interface ApiDependencies extends Dependencies {
  readonly session?: SessionCheck;
}

/** What every request carries through hono. */
export interface ApiEnv {
  Variables: { requestId: string; principal: Principal };
}
