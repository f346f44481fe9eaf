import type { Access } from "../../shared/domain/access/access.ts";
import type { CustomerQuery } from "../../shared/protocol/fleet-contract.ts";
import type { Dependencies } from "../dependencies.ts";
import type { Customer } from "../store/customer-store.ts";
import { comparePlaces, type Place, pageOf } from "./list-page.ts";

/** The customers that somebody may see, oldest first. */
export async function listCustomers({ stores }: Pick<Dependencies, "stores">, { customers }: Access): Promise<readonly Customer[]> {
  if (customers === "all") return stores.customers.list();
  const found = await Promise.all(customers.map((customerId) => stores.customers.find(customerId)));
  return found.filter((customer) => customer !== undefined).toSorted((one, other) => (one.createdAt < other.createdAt ? -1 : 1));
}

/** A page of them. `q`: part of a name or an id. */
export async function pageOfCustomers(
  dependencies: Pick<Dependencies, "stores">,
  access: Access,
  { q, limit, after }: CustomerQuery,
): Promise<{ readonly customers: readonly Customer[]; readonly next?: string }> {
  const wanted = q.trim().toLowerCase();
  const all = await listCustomers(dependencies, access);
  const found = all.filter(({ name, customerId }) => name.toLowerCase().includes(wanted) || customerId.includes(wanted));
  const sorted = found.toSorted((one, other) => comparePlaces(placeOf(one), placeOf(other)));
  const { entries, ...rest } = pageOf(sorted, placeOf, { limit, after });
  return { customers: entries, ...rest };
}

function placeOf({ createdAt, customerId }: Customer): Place {
  return [createdAt, customerId];
}
