import type { Access } from "../../shared/domain/access/access.ts";

export interface ApiKey {
  readonly keyId: string;
  /** SHA-256 of the key, hex: the key itself is kept nowhere. */
  readonly keySha256: string;
  /** How the key begins: to recognise it by. */
  readonly prefix: string;
  /** For people: what the key is for. */
  readonly name: string;
  readonly access: Access;
  /** ISO 8601 UTC, as are the others. */
  readonly createdAt: string;
  /** The name of the key, or the e-mail address of the person, that made it. */
  readonly createdBy: string;
  /** Null: until it is revoked. */
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
}

/** Keys that scripts sign in with. Rejects with `StoreUnavailableError` only. */
export interface ApiKeyStore {
  /** Idempotent for the same key. */
  add(key: ApiKey): Promise<void>;
  /** Strongly consistent: a revoked key is not found any more. */
  find(keySha256: string): Promise<ApiKey | undefined>;
  /** All keys, oldest first. Eventually consistent. */
  list(): Promise<readonly ApiKey[]>;
  /** How many there are. Eventually consistent. */
  count(): Promise<number>;
  /** Remembers that the key was used; nothing happens where it was revoked meanwhile. */
  markUsed(key: ApiKey, lastUsedAt: string): Promise<void>;
  /** Revokes it. Idempotent. */
  remove(keySha256: string): Promise<void>;
}
