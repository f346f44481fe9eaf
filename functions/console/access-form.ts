import { type Access, roles } from "../../shared/domain/access/access.ts";
import { accessSchema } from "../../shared/protocol/access-contract.ts";
import { Refusal } from "../use-cases/refusal.ts";
import { problemsOf } from "./form-fields.ts";

/** One for each customer's box: a field of its own, since a repeated one would lose all but its last. */
export const customerField = (customerId: string): string => `customer:${customerId}`;

/** What pages/access-fields.ts asks for. Throws a `Refusal` where it says nothing that could be given. */
export function accessFrom(fields: Readonly<Record<string, string>>): Access {
  const chosen = Object.keys(fields).flatMap((name) => (name.startsWith(customerField("")) ? [name.slice(customerField("").length)] : []));
  const customers = fields["scope"] === "all" ? "all" : chosen;
  if (customers !== "all" && customers.length === 0) {
    throw new Refusal("invalid-request", "no customer was chosen", "Go back and choose at least one, or all of them.");
  }
  const parsed = accessSchema.safeParse({ role: roles.find((role) => role === fields["role"]), customers });
  if (!parsed.success) throw new Refusal("invalid-request", problemsOf(parsed.error), "Go back and correct it.");
  return parsed.data;
}
