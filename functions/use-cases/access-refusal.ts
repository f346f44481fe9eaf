import type { Access, Requirement, Role } from "../../shared/domain/access/access.ts";
import { Refusal } from "./refusal.ts";

/** To somebody who may know that it is there, and may not do it. */
export function tooLittleAccess(access: Access, { role, reach }: Requirement): Refusal {
  const needed = `${withArticle(role)}${reach === "provider" ? " of all customers" : ""}`;
  const has = `${withArticle(access.role)} of ${access.customers === "all" ? "all customers" : "some customers"}`;
  return new Refusal("forbidden", `this needs ${needed}, and you are ${has}`, `Ask ${needed}.`);
}

/** To somebody whom only the store has kept from what is another customer's. */
export function outsideScope(): Refusal {
  return new Refusal("not-found", "there is no such thing", "List what there is to find its id.");
}

function withArticle(role: Role): string {
  return `${role === "viewer" ? "a" : "an"} ${role}`;
}
