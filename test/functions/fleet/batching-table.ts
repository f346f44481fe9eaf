import type { Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { BatchWriteCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { DynamoTable, dynamoDocumentClient, type Item } from "../../../functions/store/dynamo-table.ts";
import type { ItemKey } from "../../../functions/store/table-keys.ts";

/** As many as one request may carry. */
const itemsPerRequest = 25;
const requestsAtOnce = 4;

/** The table of an embedded DynamoDB's folder, which nothing else may have open; made where it is not there. */
export async function openBatchingTable(path: string): Promise<{ readonly table: BatchingTable; readonly close: () => Promise<void> }> {
  const server = (createRequire(import.meta.url)("dynalite") as (options: object) => Server)({ path, createTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = dynamoDocumentClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const table = new BatchingTable(client, "understudy");
  await table.createIfAbsent();
  const close = async (): Promise<void> => {
    client.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { table, close };
}

/** The table for whoever fills it: what is put is kept back, and written 25 items at a time. Nothing is compared with what is there. */
export class BatchingTable extends DynamoTable {
  readonly #client: DynamoDBDocumentClient;
  readonly #name: string;
  #items: (Item & ItemKey)[] = [];

  constructor(client: DynamoDBDocumentClient, name: string) {
    super(client, name);
    this.#client = client;
    this.#name = name;
  }

  override async put(item: Item & ItemKey): Promise<boolean> {
    this.#items.push(item);
    return true;
  }

  override async replace(item: Item & ItemKey): Promise<null> {
    this.#items.push(item);
    return null;
  }

  /** Writes what was kept back, and says how many items that were. */
  async flush(): Promise<number> {
    const items = this.#items.splice(0);
    const requests = Array.from({ length: Math.ceil(items.length / itemsPerRequest) }, (_, index) =>
      items.slice(index * itemsPerRequest, (index + 1) * itemsPerRequest),
    );
    const worker = async () => {
      for (let request = requests.shift(); request !== undefined; request = requests.shift()) await this.#write(request);
    };
    await Promise.all(Array.from({ length: requestsAtOnce }, worker));
    return items.length;
  }

  async #write(items: readonly (Item & ItemKey)[]): Promise<void> {
    const answer = await this.#client.send(
      new BatchWriteCommand({ RequestItems: { [this.#name]: items.map((Item) => ({ PutRequest: { Item } })) } }),
    );
    const left = Object.keys(answer.UnprocessedItems ?? {}).length;
    if (left > 0) throw new Error(`${left} of ${items.length} items were not written: write fewer at once`);
  }
}
