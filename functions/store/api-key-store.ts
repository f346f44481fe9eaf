export interface ApiKey {
  /** SHA-256 of the key, hex: the key itself is kept nowhere. */
  readonly keySha256: string;
  /** For people: what the key is for. */
  readonly name: string;
  /** ISO 8601 UTC. */
  readonly createdAt: string;
}

/** Keys that scripts sign in with. Rejects with `StoreUnavailableError` only. */
export interface ApiKeyStore {
  /** Idempotent for the same key. */
  add(key: ApiKey): Promise<void>;
  find(keySha256: string): Promise<ApiKey | undefined>;
}
