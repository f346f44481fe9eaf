import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import { type EmbeddedDynamo, startEmbeddedDynamo } from "../../functions/embedded/dynamo-embedded.ts";
import { dynamoStores } from "../../functions/store/dynamo-stores.ts";
import type { Stores } from "../../functions/store/stores.ts";
import { accessStoreContract } from "./access-store-contract.ts";
import { storeContract } from "./store-contract.ts";

describe("stores on the embedded DynamoDB, on disk", () => {
  let folder: string;
  let dynamo: EmbeddedDynamo;
  let stores: Stores;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "us-"));
    dynamo = await startEmbeddedDynamo(join(folder, "database"));
    stores = dynamoStores(dynamo.table);
  });
  storeContract(async () => stores);
  accessStoreContract(async () => stores);
  afterAll(async () => {
    await dynamo.close();
    await rm(folder, { recursive: true });
  });
});
