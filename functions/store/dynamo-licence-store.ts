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

  async add({ licence, signed }: StoredLicence): Promise<void> {
    await this.#table.putIfAbsent({ ...keyOf.licence(licence.clusterId, licence.licenceId), licence, signed });
  }

  async listOfCluster(clusterId: ClusterId): Promise<readonly StoredLicence[]> {
    const items = await this.#table.allBelow(clusterPk(clusterId), below.licence);
    return items.map((item) => ({ licence: item["licence"] as Licence, signed: item["signed"] as string }));
  }
}
