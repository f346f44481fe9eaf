import type { Access } from "../../shared/domain/access/access.ts";

/**
 * Whose share a request is taken from: the customer's that its caller is limited to, or the provider's own. Whoever may see several customers counts with the first of
 * them: however many keys they make themselves, with whatever choice of their customers, there are as many shares as customers.
 */
export function quotaOf({ customers }: Access): string {
  return customers === "all" ? "provider" : (customers[0] ?? "nobody");
}
