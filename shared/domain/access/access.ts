import type { CustomerId } from "../ids.ts";

/**
 * A viewer sees everything of its customers and changes nothing; an operator runs their clusters; an owner also says who may do what. Each may do
 * whatever those before it may.
 */
export const roles = ["viewer", "operator", "owner"] as const;
export type Role = (typeof roles)[number];

/** All customers of the provider, those to come included; or these alone. */
export type CustomerScope = "all" | readonly CustomerId[];

/** What a person or an API key may do. */
export interface Access {
  readonly role: Role;
  readonly customers: CustomerScope;
}

/**
 * What a route asks of its caller, beside the role. `customer`: that its path names a customer of the caller's, or a cluster of one. `provider`: all
 * customers, for what is not one customer's to decide. `own`: nothing more, because its answer is made of what the caller may see.
 */
export type Reach = "customer" | "provider" | "own";

export interface Requirement {
  readonly role: Role;
  readonly reach: Reach;
}

/** `unknown`: to be answered exactly like something that does not exist. */
export type AccessVerdict = "allowed" | "unknown" | "forbidden";

/** `customer`: the one that the request is about, null where it names none. Whose it is counts before the role: nobody learns what others have. */
export function judgeAccess(access: Access, requirement: Requirement, customer: CustomerId | null): AccessVerdict {
  if (customer !== null && !reaches(access, customer)) return "unknown";
  if (!atLeast(access.role, requirement.role)) return "forbidden";
  return requirement.reach === "provider" && access.customers !== "all" ? "forbidden" : "allowed";
}

export function reaches({ customers }: Access, customer: CustomerId): boolean {
  return customers === "all" || customers.includes(customer);
}

export function atLeast(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed);
}

/** Whether somebody with the first may see, give and take the second. Nobody gives more than he has, and only an owner gives anything. */
export function mayGrant(granter: Access, granted: Access): boolean {
  if (granter.role !== "owner") return false;
  return granter.customers === "all" || (granted.customers !== "all" && granted.customers.every((one) => reaches(granter, one)));
}

/** The one customer that an access is limited to; null where it has more. */
export function onlyCustomer({ customers }: Access): CustomerId | null {
  return customers !== "all" && customers.length === 1 ? (customers[0] ?? null) : null;
}
