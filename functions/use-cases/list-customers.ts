import type { Access } from "../../shared/domain/access/access.ts";
import type { Dependencies } from "../dependencies.ts";
import type { Customer } from "../store/customer-store.ts";

/** The customers that somebody may see, oldest first. */
export async function listCustomers({ stores }: Pick<Dependencies, "stores">, { customers }: Access): Promise<readonly Customer[]> {
  if (customers === "all") return stores.customers.list();
  const found = await Promise.all(customers.map((customerId) => stores.customers.find(customerId)));
  return found.filter((customer) => customer !== undefined).toSorted((one, other) => (one.createdAt < other.createdAt ? -1 : 1));
}
