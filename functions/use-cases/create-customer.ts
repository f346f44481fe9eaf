import type { Dependencies } from "../dependencies.ts";
import type { Customer } from "../store/customer-store.ts";
import { audited } from "./audited.ts";
import { randomId } from "./random-id.ts";

/** Two customers may bear one name: the id tells them apart. */
export async function createCustomer(dependencies: Dependencies, request: { readonly name: string }): Promise<Customer> {
  const { stores, nowMs } = dependencies;
  const customer: Customer = { customerId: randomId("cust"), name: request.name, createdAt: new Date(nowMs()).toISOString() };
  const { customerId } = customer;
  await audited(dependencies, { action: "customer.created", customerId, subject: customerId, after: customer }, () =>
    stores.customers.add(customer),
  );
  return customer;
}
