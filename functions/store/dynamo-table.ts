import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  DynamoDBClient,
  ResourceInUseException,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import type { PutCommandInput, QueryCommandInput, UpdateCommandInput } from "@aws-sdk/lib-dynamodb";
import { DeleteCommand, DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { StoreUnavailableError } from "./store-error.ts";
import { type ItemKey, listingIndex } from "./table-keys.ts";

export type Item = Readonly<Record<string, unknown>>;
type Condition = Pick<PutCommandInput, "ConditionExpression" | "ExpressionAttributeNames" | "ExpressionAttributeValues">;

/** For how long the table may take to be made, and how often is looked, in seconds. */
const creation = { maxWaitTime: 30, minDelay: 0.05, maxDelay: 0.5 } as const;

/** The one table, in the store's words: SDK errors are translated here, once. */
export class DynamoTable {
  readonly #client: DynamoDBDocumentClient;
  readonly #name: string;

  constructor(client: DynamoDBDocumentClient, name: string) {
    this.#client = client;
    this.#name = name;
  }

  /** Strongly consistent. */
  async get(key: ItemKey): Promise<Item | undefined> {
    const answer = await this.#run("get", () =>
      this.#client.send(new GetCommand({ TableName: this.#name, Key: key, ConsistentRead: true })),
    );
    return answer.Item;
  }

  /** False where the condition did not hold. */
  async put(item: Item & ItemKey, condition: Condition = {}): Promise<boolean> {
    return this.#conditional("put", () => this.#client.send(new PutCommand({ TableName: this.#name, Item: item, ...condition })));
  }

  /** Puts the item unless one with its key is there. */
  async putIfAbsent(item: Item & ItemKey): Promise<boolean> {
    return this.put(item, { ConditionExpression: "attribute_not_exists(pk)" });
  }

  /** As `put`, and says what was there before: undefined where the condition did not hold, null where there was nothing. */
  async replace(item: Item & ItemKey, condition: Condition): Promise<Item | null | undefined> {
    const put = new PutCommand({ TableName: this.#name, Item: item, ReturnValues: "ALL_OLD", ...condition });
    let before: Item | null = null;
    const done = await this.#conditional("replace", async () => {
      before = (await this.#client.send(put)).Attributes ?? null;
    });
    return done ? before : undefined;
  }

  /** False where the condition did not hold. */
  async update(key: ItemKey, change: Omit<UpdateCommandInput, "TableName" | "Key">): Promise<boolean> {
    return this.#conditional("update", () => this.#client.send(new UpdateCommand({ TableName: this.#name, Key: key, ...change })));
  }

  /** Nothing happens where it is gone already. */
  async remove(key: ItemKey): Promise<void> {
    await this.#run("remove", () => this.#client.send(new DeleteCommand({ TableName: this.#name, Key: key })));
  }

  /** False where the condition did not hold, as for one that is gone already. */
  async removeIf(key: ItemKey, condition: Condition): Promise<boolean> {
    return this.#conditional("remove", () => this.#client.send(new DeleteCommand({ TableName: this.#name, Key: key, ...condition })));
  }

  /** The keys of the first items of a partition, by sort key. Strongly consistent. */
  async keysIn(pk: string, limit: number): Promise<readonly ItemKey[]> {
    const query: QueryCommandInput = {
      TableName: this.#name,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": pk },
      ProjectionExpression: "pk, sk",
      ConsistentRead: true,
      Limit: limit,
    };
    const answer = await this.#run("query", () => this.#client.send(new QueryCommand(query)));
    return (answer.Items ?? []).map((item) => ({ pk: item["pk"] as string, sk: item["sk"] as string }));
  }

  /** All items of a partition whose sort key begins so. Strongly consistent. */
  async allBelow(pk: string, prefix: string): Promise<readonly Item[]> {
    return this.#all({
      TableName: this.#name,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
      ExpressionAttributeValues: { ":pk": pk, ":prefix": prefix },
      ConsistentRead: true,
    });
  }

  /** The items of a partition below this sort key, the highest first. Strongly consistent. */
  async newestBefore({ pk, sk }: ItemKey, limit: number): Promise<readonly Item[]> {
    const query: QueryCommandInput = {
      TableName: this.#name,
      KeyConditionExpression: "pk = :pk AND sk < :sk",
      ExpressionAttributeValues: { ":pk": pk, ":sk": sk },
      ConsistentRead: true,
      ScanIndexForward: false,
      Limit: limit,
    };
    const answer = await this.#run("query", () => this.#client.send(new QueryCommand(query)));
    return answer.Items ?? [];
  }

  /** All items of a list, or those that do not stand before `from`, in its order. Eventually consistent. */
  async wholeListing(listPk: string, from?: string): Promise<readonly Item[]> {
    return this.#all(this.#listing(listPk, from === undefined ? {} : { from }));
  }

  /** One page of a list; `last` is the last item's keys where more follow. */
  async listingPage(
    listPk: string,
    options: { readonly limit: number; readonly newestFirst?: boolean; readonly after?: Item; readonly upTo?: string },
  ): Promise<{ readonly items: readonly Item[]; readonly last?: Item }> {
    const query: QueryCommandInput = {
      ...this.#listing(listPk, options),
      Limit: options.limit,
      ScanIndexForward: options.newestFirst !== true,
      ...(options.after === undefined ? {} : { ExclusiveStartKey: options.after }),
    };
    const answer = await this.#run("query", () => this.#client.send(new QueryCommand(query)));
    return { items: answer.Items ?? [], ...(answer.LastEvaluatedKey === undefined ? {} : { last: answer.LastEvaluatedKey }) };
  }

  /** Makes the table where there is none: the embedded cloud's first start. Elsewhere the infrastructure does it. */
  async createIfAbsent(): Promise<void> {
    const create = new CreateTableCommand({
      TableName: this.#name,
      AttributeDefinitions: ["pk", "sk", "listPk", "listSk"].map(textAttribute),
      KeySchema: keySchema("pk", "sk"),
      GlobalSecondaryIndexes: [
        { IndexName: listingIndex, KeySchema: keySchema("listPk", "listSk"), Projection: { ProjectionType: "ALL" } },
      ],
      BillingMode: "PAY_PER_REQUEST",
    });
    await this.#run("create table", async () => {
      try {
        await this.#client.send(create);
      } catch (error) {
        if (!(error instanceof ResourceInUseException)) throw error;
      }
      // It is answered while the table is still being made, and nothing can be put into one that is.
      await waitUntilTableExists({ client: this.#client, ...creation }, { TableName: this.#name });
    });
  }

  /** A key condition takes one bound: `from` or `upTo`. */
  #listing(listPk: string, { from, upTo }: { readonly from?: string; readonly upTo?: string }): QueryCommandInput {
    const bound = from === undefined ? (upTo === undefined ? "" : " AND listSk <= :bound") : " AND listSk >= :bound";
    return {
      TableName: this.#name,
      IndexName: listingIndex,
      KeyConditionExpression: `listPk = :listPk${bound}`,
      ExpressionAttributeValues: { ":listPk": listPk, ...(bound === "" ? {} : { ":bound": from ?? upTo }) },
    };
  }

  async #all(query: QueryCommandInput): Promise<readonly Item[]> {
    const items: Item[] = [];
    let from: QueryCommandInput["ExclusiveStartKey"];
    do {
      const page = { ...query, ...(from === undefined ? {} : { ExclusiveStartKey: from }) };
      const answer = await this.#run("query", () => this.#client.send(new QueryCommand(page)));
      items.push(...(answer.Items ?? []));
      from = answer.LastEvaluatedKey;
    } while (from !== undefined);
    return items;
  }

  async #conditional(operation: string, work: () => Promise<unknown>): Promise<boolean> {
    return this.#run(operation, async () => {
      try {
        await work();
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    });
  }

  async #run<Result>(operation: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw new StoreUnavailableError(operation, error);
    }
  }
}

/** The document client with the settings that the store counts on: absent optional fields are left out. */
export function dynamoDocumentClient(config: DynamoDBClientConfig): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(new DynamoDBClient(config), { marshallOptions: { removeUndefinedValues: true } });
}

function textAttribute(name: string) {
  return { AttributeName: name, AttributeType: "S" as const };
}

function keySchema(hash: string, range: string) {
  return [
    { AttributeName: hash, KeyType: "HASH" as const },
    { AttributeName: range, KeyType: "RANGE" as const },
  ];
}
