import { afterAll, beforeAll, describe } from "vitest";
import { dynamoStores } from "../../functions/store/dynamo-stores.ts";
import type { Stores } from "../../functions/store/stores.ts";
import { accessStoreContract } from "./access-store-contract.ts";
import { dynamoServers, type RunningDynamo } from "./dynamo-servers.ts";
import { storeContract } from "./store-contract.ts";

for (const { name, missing, start } of dynamoServers) {
  describe.skipIf(missing !== undefined)(`stores on ${name}${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
    let dynamo: RunningDynamo | undefined;
    let stores: Stores;
    beforeAll(async () => {
      dynamo = await start();
      stores = dynamoStores(dynamo.table);
    });
    storeContract(async () => stores);
    accessStoreContract(async () => stores);
    afterAll(async () => dynamo?.close());
  });
}
