import { limits } from "../../shared/config/limits.ts";
import { type Access, mayGrant, onlyCustomer } from "../../shared/domain/access/access.ts";
import type { Dependencies } from "../dependencies.ts";
import type { ApiKey } from "../store/api-key-store.ts";
import { secretHash } from "../store/table-keys.ts";
import { audited } from "./audited.ts";
import { customersOrRefuse } from "./find-or-refuse.ts";
import { randomId, randomSecret } from "./random-id.ts";
import { Refusal } from "./refusal.ts";

const mark = "uskey_";
const shownLetters = mark.length + 6;
const usedAgainAfterMs = 60_000;

type Needed = Pick<Dependencies, "stores" | "nowMs" | "actor">;

/** Who makes, sees or revokes keys. `expiresAt`: of the key that calls, null where it does not expire or a person calls. */
export interface Granter {
  readonly name: string;
  readonly access: Access;
  readonly expiresAt: string | null;
}

export interface NewApiKey {
  readonly name: string;
  readonly access: Access;
  readonly expiresAt: string | null;
}

/** Makes a key. The secret is told here and kept nowhere: the store gets its hash. */
export async function makeApiKey(dependencies: Needed, createdBy: string, wanted: NewApiKey) {
  const { stores, nowMs } = dependencies;
  const secret = mark + randomSecret();
  const apiKey: ApiKey = {
    ...wanted,
    keyId: randomId("key"),
    keySha256: secretHash(secret),
    prefix: secret.slice(0, shownLetters),
    createdAt: new Date(nowMs()).toISOString(),
    createdBy,
    lastUsedAt: null,
  };
  const { keyId } = apiKey;
  await audited(
    dependencies,
    { action: "api-key.created", customerId: onlyCustomer(apiKey.access), subject: keyId, after: told(apiKey) },
    () => stores.apiKeys.add(apiKey),
  );
  return { apiKey, secret };
}

/** As `makeApiKey`, for somebody: never with more than he has, nor for longer than the key that he calls with. */
export async function createApiKey(dependencies: Dependencies, granter: Granter, wanted: NewApiKey) {
  const { stores, nowMs } = dependencies;
  if (!mayGrant(granter.access, wanted.access)) {
    throw new Refusal("forbidden", "a key cannot be given more than you have yourself", "Name customers of yours alone.");
  }
  await customersOrRefuse(dependencies, wanted.access);
  if (wanted.expiresAt !== null && Date.parse(wanted.expiresAt) <= nowMs()) {
    throw new Refusal("invalid-request", `the key would have expired already, at ${wanted.expiresAt}`, "Give an instant in the future.");
  }
  const outlived =
    granter.expiresAt !== null && (wanted.expiresAt === null || Date.parse(wanted.expiresAt) > Date.parse(granter.expiresAt));
  if (outlived) {
    const message = `a key cannot outlive the one that makes it, which expires at ${granter.expiresAt}`;
    throw new Refusal("forbidden", message, "Give that instant or an earlier one as expiresAt.");
  }
  if ((await stores.apiKeys.count()) >= limits.apiKeysMax) {
    throw new Refusal(
      "api-key-limit",
      `there are ${limits.apiKeysMax} API keys, the most that there may be`,
      "Revoke those that nobody uses.",
    );
  }
  return makeApiKey(dependencies, granter.name, wanted);
}

/** The keys that the caller might have given. */
export async function listApiKeys({ stores }: Pick<Needed, "stores">, granter: Granter): Promise<readonly ApiKey[]> {
  return (await stores.apiKeys.list()).filter(({ access }) => mayGrant(granter.access, access));
}

/** From its answer on the key opens nothing. One that the caller might not have given is as unknown as one that never was. */
export async function revokeApiKey(dependencies: Needed, granter: Granter, keyId: string): Promise<ApiKey> {
  const found = (await listApiKeys(dependencies, granter)).find((key) => key.keyId === keyId);
  if (found === undefined) throw new Refusal("not-found", `there is no API key ${keyId}`, "List the API keys to find its id.");
  await audited(
    dependencies,
    { action: "api-key.revoked", customerId: onlyCustomer(found.access), subject: keyId, before: told(found) },
    () => dependencies.stores.apiKeys.remove(found.keySha256),
  );
  return found;
}

/**
 * The key's entry, or undefined where it is none of ours; a text that cannot be a key is not looked up. Remembers the use, to the minute. Refuses one
 * that has expired.
 */
export async function useApiKey({ stores, nowMs }: Pick<Needed, "stores" | "nowMs">, secret: string): Promise<ApiKey | undefined> {
  if (!/^uskey_[\w-]{43}$/.test(secret)) return undefined;
  const key = await stores.apiKeys.find(secretHash(secret));
  if (key === undefined) return undefined;
  const now = nowMs();
  if (key.expiresAt !== null && Date.parse(key.expiresAt) <= now) {
    throw new Refusal("not-signed-in", `this API key has expired: it was valid until ${key.expiresAt}`, "Ask an owner for a new one.");
  }
  const usedAgain = key.lastUsedAt === null || now - Date.parse(key.lastUsedAt) >= usedAgainAfterMs;
  if (usedAgain) await stores.apiKeys.markUsed(key, new Date(now).toISOString());
  return key;
}

function told({ keyId, name, prefix, access, createdAt, createdBy, expiresAt }: ApiKey) {
  return { keyId, name, prefix, access, createdAt, createdBy, expiresAt };
}
