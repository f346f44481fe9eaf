import type { ClusterId, CustomerId } from "../../shared/domain/ids.ts";
import type { CertificateOwner, ClusterStore, SaveResult, StoredCluster } from "./cluster-store.ts";
import type { DynamoTable, Item } from "./dynamo-table.ts";
import { type ItemKey, keyOf, listingOf } from "./table-keys.ts";

export class DynamoClusterStore implements ClusterStore {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async add(cluster: StoredCluster): Promise<SaveResult> {
    const saved = await this.#table.putIfAbsent(itemOf(cluster));
    return saved ? { saved } : this.#lost(cluster);
  }

  async replace(cluster: StoredCluster): Promise<SaveResult> {
    const saved = await this.#table.put(itemOf(cluster), {
      ConditionExpression: "version = :previous",
      ExpressionAttributeValues: { ":previous": cluster.document.version - 1 },
    });
    return saved ? { saved } : this.#lost(cluster);
  }

  async find(clusterId: ClusterId): Promise<StoredCluster | undefined> {
    const item = await this.#table.get(keyOf.cluster(clusterId));
    // In the place of one that was removed is a note that says so.
    return item?.["document"] === undefined ? undefined : clusterOf(item);
  }

  async listOfCustomer(customerId: CustomerId): Promise<readonly StoredCluster[]> {
    return (await this.#table.wholeListing(listingOf.clustersOf(customerId).listPk)).map(clusterOf);
  }

  async addCertificate(certificateSha256: string, owner: CertificateOwner): Promise<void> {
    await this.#table.put({ ...keyOf.certificate(certificateSha256), ...owner });
  }

  async findByCertificate(certificateSha256: string): Promise<CertificateOwner | undefined> {
    const item = await this.#table.get(keyOf.certificate(certificateSha256));
    return item === undefined ? undefined : ({ clusterId: item["clusterId"], nodeId: item["nodeId"] } as CertificateOwner);
  }

  async #lost(cluster: StoredCluster): Promise<SaveResult> {
    const current = await this.find(cluster.document.clusterId);
    return { saved: false, currentVersion: current?.document.version ?? 0 };
  }
}

/** The document is kept as the text that was signed, so that no number or order changes on the way through the table. */
function itemOf(cluster: StoredCluster): Item & ItemKey {
  const { document, signed, memberships, approved } = cluster;
  return {
    ...keyOf.cluster(document.clusterId),
    ...listingOf.clustersOf(document.customerId),
    listSk: document.clusterId,
    version: document.version,
    document: JSON.stringify(document),
    signed,
    memberships,
    ...(approved === undefined ? {} : { approved: JSON.stringify(approved) }),
  };
}

function clusterOf(item: Item): StoredCluster {
  const { approved } = item;
  return {
    document: JSON.parse(item["document"] as string) as StoredCluster["document"],
    signed: item["signed"] as string,
    memberships: item["memberships"] as StoredCluster["memberships"],
    ...(approved === undefined ? {} : { approved: JSON.parse(approved as string) as StoredCluster["document"] }),
  };
}
