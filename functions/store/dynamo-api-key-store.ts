import type { ApiKey, ApiKeyStore } from "./api-key-store.ts";
import type { DynamoTable, Item } from "./dynamo-table.ts";
import { keyOf, listingOf } from "./table-keys.ts";

export class DynamoApiKeyStore implements ApiKeyStore {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async add(key: ApiKey): Promise<void> {
    await this.#table.putIfAbsent({ ...keyOf.apiKey(key.keySha256), ...listingOf.apiKeys, listSk: placeOf(key), apiKey: key });
  }

  async find(keySha256: string): Promise<ApiKey | undefined> {
    const item = await this.#table.get(keyOf.apiKey(keySha256));
    return item === undefined ? undefined : apiKeyOf(item);
  }

  async list(): Promise<readonly ApiKey[]> {
    return (await this.#table.wholeListing(listingOf.apiKeys.listPk)).map(apiKeyOf);
  }

  async count(): Promise<number> {
    return (await this.#table.wholeListing(listingOf.apiKeys.listPk)).length;
  }

  /** Writes the whole key: one of the first form, which no list showed, becomes one of today's with its next use. */
  async markUsed(key: ApiKey, lastUsedAt: string): Promise<void> {
    await this.#table.update(keyOf.apiKey(key.keySha256), {
      UpdateExpression: "SET apiKey = :key, listPk = :listPk, listSk = :listSk",
      ConditionExpression: "attribute_exists(pk)",
      ExpressionAttributeValues: { ":key": { ...key, lastUsedAt }, ":listPk": listingOf.apiKeys.listPk, ":listSk": placeOf(key) },
    });
  }

  async remove(keySha256: string): Promise<void> {
    await this.#table.remove(keyOf.apiKey(keySha256));
  }
}

function placeOf({ createdAt, keyId }: ApiKey): string {
  return `${createdAt}#${keyId}`;
}

/** Keys of the first form had a hash, a name and a time, and might do everything. */
function apiKeyOf(item: Item): ApiKey {
  const stored = item["apiKey"] as ApiKey | Pick<ApiKey, "keySha256" | "name" | "createdAt">;
  if ("keyId" in stored) return stored;
  return {
    ...stored,
    keyId: `key_${stored.keySha256.slice(0, 20)}`,
    prefix: "uskey_",
    access: { role: "owner", customers: "all" },
    createdBy: "the first start",
    expiresAt: null,
    lastUsedAt: null,
  };
}
