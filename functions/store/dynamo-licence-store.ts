import type { ClusterId } from "../../shared/domain/ids.ts";
import type { Licence } from "../../shared/domain/licensing/licence.ts";
import type { DynamoTable } from "./dynamo-table.ts";
import type { LicenceStore, StoredLicence } from "./licence-store.ts";
import { below, clusterPk, keyOf } from "./table-keys.ts";

export class DynamoLicenceStore implements LicenceStore {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async add({ licence, signed }: StoredLicence): Promise<"added" | "known" | "withdrawn"> {
    const { clusterId, licenceId } = licence;
    if (await this.#table.putIfAbsent({ ...keyOf.licence(clusterId, licenceId), licence, signed })) return "added";
    return (await this.isWithdrawn(clusterId, licenceId)) ? "withdrawn" : "known";
  }

  async isWithdrawn(clusterId: ClusterId, licenceId: string): Promise<boolean> {
    return (await this.#table.get(keyOf.licence(clusterId, licenceId)))?.["withdrawnAt"] !== undefined;
  }

  async withdraw(clusterId: ClusterId, licenceId: string, at: string): Promise<boolean> {
    return this.#table.update(keyOf.licence(clusterId, licenceId), {
      UpdateExpression: "SET withdrawnAt = :at",
      ConditionExpression: "attribute_exists(pk) AND attribute_not_exists(withdrawnAt)",
      ExpressionAttributeValues: { ":at": at },
    });
  }

  async listOfCluster(clusterId: ClusterId): Promise<readonly StoredLicence[]> {
    const items = await this.#table.allBelow(clusterPk(clusterId), below.licence);
    return items
      .filter((item) => item["withdrawnAt"] === undefined)
      .map((item) => ({ licence: item["licence"] as Licence, signed: item["signed"] as string }));
  }
}
