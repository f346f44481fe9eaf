import type { ApiKey, ApiKeyStore } from "./api-key-store.ts";
import type { DynamoTable } from "./dynamo-table.ts";
import { keyOf } from "./table-keys.ts";

export class DynamoApiKeyStore implements ApiKeyStore {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async add(key: ApiKey): Promise<void> {
    await this.#table.putIfAbsent({ ...keyOf.apiKey(key.keySha256), apiKey: key });
  }

  async find(keySha256: string): Promise<ApiKey | undefined> {
    const item = await this.#table.get(keyOf.apiKey(keySha256));
    return item?.["apiKey"] as ApiKey | undefined;
  }
}
