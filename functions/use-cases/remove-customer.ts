import type { CustomerId } from "../../shared/domain/ids.ts";
import type { RemovedCustomer } from "../../shared/protocol/removal-contract.ts";
import type { Dependencies } from "../dependencies.ts";
import type { Customer } from "../store/customer-store.ts";
import type { CustomerRemoval } from "../store/removal-store.ts";
import { audited } from "./audited.ts";
import { clearCustomer } from "./clear-remains.ts";
import { customerOrRefuse } from "./find-or-refuse.ts";
import { refusing } from "./notifier-refusal.ts";
import { Refusal } from "./refusal.ts";
import { type RemovalRequest, unlikeName } from "./remove-cluster.ts";

/** Each lost race means that the customer was given a cluster; after so many in a row something else is wrong. */
const attemptsMax = 5;

/** So many are named in a refusal. */
const namedMax = 5;

/**
 * Removes a customer that has no cluster, and whom nobody is limited to: at once, by a note in its place; then its topics and what is stored of how it was told are deleted. Killed anywhere after the
 * note, the same request goes on from there, and so does the sweep.
 */
export async function removeCustomer(
  dependencies: Dependencies,
  customerId: CustomerId,
  { confirm }: Pick<RemovalRequest, "confirm">,
): Promise<RemovedCustomer> {
  const { stores, nowMs } = dependencies;
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const before = await stores.removals.findCustomer(customerId);
    if (before !== undefined) return removed(dependencies, before);
    // Read before the clusters are: one that comes later is another one.
    const newest = await stores.customers.newestCluster(customerId);
    const customer = await removableCustomer(dependencies, customerId, confirm).catch(async (error: unknown) => {
      if ((await stores.removals.findCustomer(customerId)) === undefined) throw error;
      return null;
    });
    if (customer === null) continue;
    const removal = { customerId, removedAt: new Date(nowMs()).toISOString() };
    const isRemoved = await audited(
      dependencies,
      { action: "customer.removed", customerId, subject: customerId, before: customer },
      () => stores.removals.removeCustomer(removal, newest),
      (done) => done,
    );
    if (isRemoved) return removed(dependencies, removal);
  }
  throw new Refusal("unavailable", `the customer was given clusters ${attemptsMax} times in between`, "Look at them, and try again.");
}

async function removed(dependencies: Dependencies, removal: CustomerRemoval): Promise<RemovedCustomer> {
  return { ...removal, remains: !(await refusing(() => clearCustomer(dependencies, removal))) };
}

/** The customer as it is; refuses one that is still in use, with what has to go first, and a name that is another one. */
export async function removableCustomer(
  dependencies: Dependencies,
  customerId: CustomerId,
  confirm: string | undefined,
): Promise<Customer> {
  const customer = await customerOrRefuse(dependencies, customerId);
  if (confirm !== undefined && confirm !== customer.name) throw unlikeName("customer", customer.name, confirm);
  const clusters = await clustersOf(dependencies, customerId);
  if (clusters.length > 0) {
    const message = `customer ${customer.name} has ${counted(clusters, "cluster")}`;
    throw new Refusal(
      "still-in-use",
      message,
      "Remove its clusters first (DELETE /v1/clusters/{clusterId}, or each one's page under Changes).",
    );
  }
  const limited = await limitedTo(dependencies, customerId);
  if (limited.length > 0) {
    const message = `${counted(limited, "user or API key", "users or API keys")} may see customer ${customer.name} and no more than some others`;
    throw new Refusal("still-in-use", message, "Remove them, or give them other customers first.");
  }
  return customer;
}

/** A list may be a moment late: the newest one is asked for by itself. */
async function clustersOf({ stores }: Dependencies, customerId: CustomerId): Promise<readonly string[]> {
  const listed = (await stores.clusters.listOfCustomer(customerId)).map(({ document }) => document);
  const newestId = await stores.customers.newestCluster(customerId);
  const newest = newestId === null ? undefined : (await stores.clusters.find(newestId))?.document;
  const there = await Promise.all(listed.map(({ clusterId }) => stores.clusters.find(clusterId)));
  const documents = [...there.flatMap((one) => one?.document ?? []), ...(newest === undefined ? [] : [newest])];
  return [...new Map(documents.map(({ clusterId, name }) => [clusterId, name])).values()];
}

/** Whoever may see all customers needs none of them. */
async function limitedTo({ stores }: Dependencies, customerId: CustomerId): Promise<readonly string[]> {
  const [users, keys] = await Promise.all([stores.users.list(), stores.apiKeys.list()]);
  const named = [
    ...users.map(({ email, access }) => ({ name: email, access })),
    ...keys.map(({ name, access }) => ({ name: `API key ${name}`, access })),
  ];
  return named.filter(({ access: { customers } }) => customers !== "all" && customers.includes(customerId)).map(({ name }) => name);
}

function counted(names: readonly string[], one: string, many = `${one}s`): string {
  const more = names.length - namedMax;
  return `${names.length} ${names.length === 1 ? one : many} (${names.slice(0, namedMax).join(", ")}${more > 0 ? `, and ${more} more` : ""})`;
}
