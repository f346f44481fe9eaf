import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe } from "vitest";
import { type EmbeddedDynamo, startEmbeddedDynamo } from "../../functions/embedded/dynamo-embedded.ts";
import { dynamoStores } from "../../functions/store/dynamo-stores.ts";
import { storeContract } from "./store-contract.ts";

describe("stores on the embedded DynamoDB, on disk", () => {
  let folder: string;
  let dynamo: EmbeddedDynamo;
  storeContract(async () => {
    folder = await mkdtemp(join(tmpdir(), "us-"));
    dynamo = await startEmbeddedDynamo(join(folder, "database"));
    return dynamoStores(dynamo.table);
  });
  afterAll(async () => {
    await dynamo.close();
    await rm(folder, { recursive: true });
  });
});
