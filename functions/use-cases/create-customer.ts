import type { Dependencies } from "../dependencies.ts";
import type { Customer } from "../store/customer-store.ts";
import { randomId } from "./random-id.ts";

/** Two customers may bear one name: the id tells them apart. */
export async function createCustomer({ stores, nowMs }: Dependencies, request: { readonly name: string }): Promise<Customer> {
  const customer: Customer = { customerId: randomId("cust"), name: request.name, createdAt: new Date(nowMs()).toISOString() };
  await stores.customers.add(customer);
  return customer;
}
