import { beforeAll, describe, expect, it } from "vitest";
import type { ApiKey } from "../../functions/store/api-key-store.ts";
import { brokenLinks } from "../../functions/store/audit-chain.ts";
import type { Stores } from "../../functions/store/stores.ts";
import type { User } from "../../functions/store/user-store.ts";
import { randomId } from "../../functions/use-cases/random-id.ts";
import type { AuditEntry, AuditRecord } from "../../shared/domain/audit/audit-entry.ts";
import type { CustomerId } from "../../shared/domain/ids.ts";

/** The store's part that says who may do what, and who did it: as `storeContract`. */
export function accessStoreContract(open: () => Promise<Stores>): void {
  let stores: Stores;
  beforeAll(async () => {
    stores = await open();
  });

  describe("API keys", () => {
    it("are found by their hash alone, and not any more once they are revoked", async () => {
      const key = newApiKey();
      await stores.apiKeys.add(key);
      expect(await stores.apiKeys.find(key.keySha256)).toEqual(key);
      expect(await stores.apiKeys.find("other")).toBeUndefined();
      await stores.apiKeys.remove(key.keySha256);
      await stores.apiKeys.remove(key.keySha256);
      expect(await stores.apiKeys.find(key.keySha256)).toBeUndefined();
      expect(await ownKeys(stores, key)).toEqual([]);
    });

    it("are listed, with when they were last used", async () => {
      const key = newApiKey();
      await stores.apiKeys.add(key);
      expect(await ownKeys(stores, key)).toEqual([key]);
      await stores.apiKeys.markUsed(key, "2026-01-02T00:00:00.000Z");
      expect(await ownKeys(stores, key)).toEqual([{ ...key, lastUsedAt: "2026-01-02T00:00:00.000Z" }]);
    });

    it("one that was revoked while it was used stays revoked", async () => {
      const key = newApiKey();
      await stores.apiKeys.markUsed(key, "2026-01-02T00:00:00.000Z");
      expect(await stores.apiKeys.find(key.keySha256)).toBeUndefined();
    });
  });

  describe("users", () => {
    it("are found until they are removed, and replaced only while they are there", async () => {
      const user = newUser();
      expect(await stores.users.replace(user)).toBe(false);
      expect(await stores.users.add(user)).toBe(true);
      expect(await stores.users.add(user)).toBe(false);
      const changed: User = { ...user, access: { role: "owner", customers: "all" } };
      expect(await stores.users.replace(changed)).toBe(true);
      expect(await stores.users.find(user.userId)).toEqual(changed);
      expect((await stores.users.list()).filter(({ userId }) => userId === user.userId)).toEqual([changed]);
      await stores.users.remove(user.userId);
      await stores.users.remove(user.userId);
      expect(await stores.users.find(user.userId)).toBeUndefined();
    });
  });

  describe("the audit log", () => {
    it("is one chain, whoever appends at the same time, and read page by page", async () => {
      const customerId = randomId("cust");
      const written = await Promise.all(
        Array.from({ length: 12 }, (_, index) => stores.audit.append(record(index % 2 === 0 ? customerId : null, `${index}`))),
      );
      expect(brokenLinks(written)).toEqual([]);
      const read: AuditEntry[] = [];
      let before: number | undefined;
      do {
        const page = await stores.audit.page({ customerId }, { limit: 4, ...(before === undefined ? {} : { before }) });
        read.push(...page.entries);
        before = page.next;
      } while (before !== undefined);
      expect(read).toEqual(written.filter((entry) => entry.customerId === customerId).toSorted((one, other) => other.number - one.number));
      const all = await stores.audit.page({}, { limit: 12 });
      expect(all.entries).toEqual(written.toSorted((one, other) => other.number - one.number));
    });
  });

  describe("requests with an idempotency key", () => {
    it("of many at once one begins; the others are told, with the answer once it is there", async () => {
      const key = randomId("lic");
      const request = { requestSha256: "ab", startedAtMs: 1_000, expiresAtMs: 2_000 };
      const results = await Promise.all(Array.from({ length: 10 }, () => stores.idempotency.begin(key, request, 1_000)));
      expect(results.filter((result) => result === "begun")).toHaveLength(1);
      expect(results).toContainEqual({ ...request, answer: null });
      await stores.idempotency.finish(key, "sealed");
      expect(await stores.idempotency.begin(key, { ...request, requestSha256: "cd" }, 1_999)).toEqual({ ...request, answer: "sealed" });
      expect(await stores.idempotency.begin(key, { ...request, expiresAtMs: 3_000 }, 2_000)).toBe("begun");
      expect(await stores.idempotency.begin(key, request, 2_001)).toEqual({ ...request, expiresAtMs: 3_000, answer: null });
    });
  });
}

const ownKeys = async (stores: Stores, { keyId }: ApiKey) => (await stores.apiKeys.list()).filter((key) => key.keyId === keyId);

function newUser(): User {
  return {
    userId: randomId("lic"),
    email: "ann@example.com",
    access: { role: "viewer", customers: [randomId("cust")] },
    createdAt: "2026-01-01T00:00:00.000Z",
    createdBy: "owner@example.com",
    sessionsFrom: "2026-01-01T00:00:00.000Z",
  };
}

function newApiKey(): ApiKey {
  return {
    keyId: randomId("key"),
    keySha256: randomId("lic"),
    prefix: "uskey_abcdef",
    name: "script",
    access: { role: "viewer", customers: [randomId("cust")] },
    createdAt: "2026-01-01T00:00:00.000Z",
    createdBy: "owner@example.com",
    expiresAt: null,
    lastUsedAt: null,
  };
}

const record = (customerId: CustomerId | null, subject: string): AuditRecord => ({
  at: "2026-01-01T00:00:00.000Z",
  actor: { kind: "person", id: "1", name: "ann@example.com", requestId: "r" },
  action: "customer.created",
  customerId,
  subject,
  changes: [{ path: "number", before: 1.5, after: { deep: [null, "ü"] } }],
});
