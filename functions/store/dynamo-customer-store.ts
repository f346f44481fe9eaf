import type { ClusterId, CustomerId } from "../../shared/domain/ids.ts";
import type { Customer, CustomerStore } from "./customer-store.ts";
import type { DynamoTable, Item } from "./dynamo-table.ts";
import { keyOf, listingOf } from "./table-keys.ts";

export class DynamoCustomerStore implements CustomerStore {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async add(customer: Customer): Promise<void> {
    const listing = { ...listingOf.customers, listSk: `${customer.createdAt}#${customer.customerId}` };
    await this.#table.putIfAbsent({ ...keyOf.customer(customer.customerId), ...listing, customer });
  }

  async find(customerId: CustomerId): Promise<Customer | undefined> {
    const item = await this.#table.get(keyOf.customer(customerId));
    // In the place of one that was removed is a note that says so.
    return item?.["customer"] === undefined ? undefined : customerOf(item);
  }

  async list(): Promise<readonly Customer[]> {
    return (await this.#table.wholeListing(listingOf.customers.listPk)).map(customerOf);
  }

  async noteCluster(customerId: CustomerId, clusterId: ClusterId): Promise<boolean> {
    return this.#table.update(keyOf.customer(customerId), {
      UpdateExpression: "SET newestCluster = :cluster",
      ConditionExpression: "attribute_exists(customer)",
      ExpressionAttributeValues: { ":cluster": clusterId },
    });
  }

  async newestCluster(customerId: CustomerId): Promise<ClusterId | null> {
    const item = await this.#table.get(keyOf.customer(customerId));
    return (item?.["newestCluster"] as ClusterId | undefined) ?? null;
  }
}

function customerOf(item: Item): Customer {
  return item["customer"] as Customer;
}
