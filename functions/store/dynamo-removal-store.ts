import type { ClusterId, CustomerId } from "../../shared/domain/ids.ts";
import type { DynamoTable, Item } from "./dynamo-table.ts";
import type { ClusterRemoval, CustomerRemoval, RemovalStore } from "./removal-store.ts";
import { clusterPk, type ItemKey, keyOf, listingOf } from "./table-keys.ts";

/** Deleted at the same time. */
const atOnce = 16;

/** The note stands under the key of what was removed, so that no other item can ever have it; the others find no document in it, or no customer. */
export class DynamoRemovalStore implements RemovalStore {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async removeCluster(removal: ClusterRemoval, version: number): Promise<boolean> {
    return this.#table.put(clusterNote(removal, true), {
      ConditionExpression: "version = :seen",
      ExpressionAttributeValues: { ":seen": version },
    });
  }

  async removeCustomer(removal: CustomerRemoval, newestCluster: ClusterId | null): Promise<boolean> {
    return this.#table.put(customerNote(removal, true), {
      ConditionExpression: `attribute_exists(customer) AND ${newestCluster === null ? "attribute_not_exists(newestCluster)" : "newestCluster = :seen"}`,
      ...(newestCluster === null ? {} : { ExpressionAttributeValues: { ":seen": newestCluster } }),
    });
  }

  async findCluster(clusterId: ClusterId): Promise<ClusterRemoval | undefined> {
    return clusterIn(await this.#table.get(keyOf.cluster(clusterId)));
  }

  async findCustomer(customerId: CustomerId): Promise<CustomerRemoval | undefined> {
    return customerIn(await this.#table.get(keyOf.customer(customerId)));
  }

  async clearCluster({ clusterId, certificates }: ClusterRemoval, limit: number): Promise<number> {
    const { items: tokens } = await this.#table.listingPage(listingOf.tokensOf(clusterId).listPk, { limit });
    // A token that is gone already may stand in the index for a moment longer: it counts as one, and is not there the next time.
    await inTurn(tokens, (token) => this.#table.remove(keyOf.joinToken(token["secretSha256"] as string)));
    await inTurn(certificates, (sha256) =>
      // A server that has since joined elsewhere with the same key is somebody else's.
      this.#table.removeIf(keyOf.certificate(sha256), {
        ConditionExpression: "clusterId = :cluster",
        ExpressionAttributeValues: { ":cluster": clusterId },
      }),
    );
    const kept = [keyOf.cluster(clusterId), keyOf.summary(clusterId)];
    return tokens.length + (await this.#clearBelow(clusterPk(clusterId), kept, limit - tokens.length));
  }

  async clearCustomer({ customerId }: CustomerRemoval, limit: number): Promise<number> {
    const own = keyOf.customer(customerId);
    return this.#clearBelow(own.pk, [own], limit);
  }

  async unfinishedClusters(limit: number): Promise<readonly ClusterRemoval[]> {
    const { items } = await this.#table.listingPage(listingOf.removedClusters.listPk, { limit });
    return items.flatMap((item) => clusterIn(item) ?? []);
  }

  async unfinishedCustomers(limit: number): Promise<readonly CustomerRemoval[]> {
    const { items } = await this.#table.listingPage(listingOf.removedCustomers.listPk, { limit });
    return items.flatMap((item) => customerIn(item) ?? []);
  }

  async finishCluster(removal: ClusterRemoval): Promise<void> {
    await this.#table.remove(keyOf.summary(removal.clusterId));
    await this.#table.put(clusterNote({ ...removal, certificates: [] }, false));
  }

  async finishCustomer(removal: CustomerRemoval): Promise<void> {
    await this.#table.put(customerNote(removal, false));
  }

  async #clearBelow(pk: string, kept: readonly ItemKey[], limit: number): Promise<number> {
    if (limit <= 0) return 0;
    const keys = await this.#table.keysIn(pk, limit + kept.length);
    const going = keys.filter(({ sk }) => kept.every((key) => key.sk !== sk)).slice(0, limit);
    await inTurn(going, (key) => this.#table.remove(key));
    return going.length;
  }
}

async function inTurn<Entry>(entries: readonly Entry[], work: (entry: Entry) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < entries.length; from += atOnce) await Promise.all(entries.slice(from, from + atOnce).map(work));
}

function clusterNote(removal: ClusterRemoval, isListed: boolean): Item & ItemKey {
  const { clusterId, removedAt } = removal;
  const listing = isListed ? { ...listingOf.removedClusters, listSk: `${removedAt}#${clusterId}` } : {};
  return { ...keyOf.cluster(clusterId), ...listing, removal };
}

function customerNote(removal: CustomerRemoval, isListed: boolean): Item & ItemKey {
  const { customerId, removedAt } = removal;
  const listing = isListed ? { ...listingOf.removedCustomers, listSk: `${removedAt}#${customerId}` } : {};
  return { ...keyOf.customer(customerId), ...listing, removal };
}

function clusterIn(item: Item | undefined): ClusterRemoval | undefined {
  return item?.["removal"] as ClusterRemoval | undefined;
}

function customerIn(item: Item | undefined): CustomerRemoval | undefined {
  return item?.["removal"] as CustomerRemoval | undefined;
}
