import type { Dependencies } from "../dependencies.ts";
import type { ApiKey } from "../store/api-key-store.ts";
import { secretHash } from "../store/table-keys.ts";
import { randomSecret } from "./random-id.ts";

const prefix = "uskey_";

/** Makes a key that may do everything. It is told here and kept nowhere: the store gets its hash. */
export async function createApiKey({ stores, nowMs }: Pick<Dependencies, "stores" | "nowMs">, name: string): Promise<string> {
  const key = prefix + randomSecret();
  await stores.apiKeys.add({ keySha256: secretHash(key), name, createdAt: new Date(nowMs()).toISOString() });
  return key;
}

/** The key's entry, or undefined where it is none of ours. A text that cannot be a key is not looked up. */
export async function findApiKey({ stores }: Pick<Dependencies, "stores">, key: string): Promise<ApiKey | undefined> {
  return /^uskey_[\w-]{43}$/.test(key) ? stores.apiKeys.find(secretHash(key)) : undefined;
}
