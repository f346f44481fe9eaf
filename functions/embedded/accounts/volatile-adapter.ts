import type { Adapter, AdapterFactory, AdapterPayload } from "oidc-provider";

interface Entry {
  readonly payload: AdapterPayload;
  readonly expiresAtMs: number;
}

/** Logins under way at once, with all that belongs to them. Beyond it the oldest is dropped, and that person begins again. */
const entriesMax = 5_000;

/**
 * What a login needs for its few minutes: codes, interactions, grants. Kept in memory on purpose: what lasts is the console's own session,
 * and after a restart nothing is missed but a login that was just being typed.
 */
export function volatileAdapter(nowMs: () => number): AdapterFactory {
  const entries = new Map<string, Entry>();
  const live = (entry: Entry | undefined) => (entry !== undefined && entry.expiresAtMs > nowMs() ? entry.payload : undefined);

  return (model): Adapter => {
    const key = (id: string) => `${model}:${id}`;
    const findWhere = (matches: (payload: AdapterPayload) => boolean) => {
      for (const [name, entry] of entries) if (name.startsWith(`${model}:`) && matches(entry.payload)) return live(entry);
      return undefined;
    };
    return {
      async upsert(id, payload, expiresInSeconds) {
        entries.delete(key(id));
        entries.set(key(id), { payload, expiresAtMs: expiresInSeconds === undefined ? Infinity : nowMs() + expiresInSeconds * 1_000 });
        for (const oldest of entries.keys()) {
          if (entries.size <= entriesMax) break;
          entries.delete(oldest);
        }
      },
      find: async (id) => live(entries.get(key(id))),
      findByUid: async (uid) => findWhere((payload) => payload.uid === uid),
      findByUserCode: async (userCode) => findWhere((payload) => payload.userCode === userCode),
      async consume(id) {
        const entry = entries.get(key(id));
        if (entry !== undefined) entries.set(key(id), { ...entry, payload: { ...entry.payload, consumed: Math.floor(nowMs() / 1_000) } });
      },
      async destroy(id) {
        entries.delete(key(id));
      },
      async revokeByGrantId(grantId) {
        for (const [name, entry] of entries) if (entry.payload.grantId === grantId) entries.delete(name);
      },
    };
  };
}
