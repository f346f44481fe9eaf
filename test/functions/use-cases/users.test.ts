import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { secretHash } from "../../../functions/store/table-keys.ts";
import { createApiKey, listApiKeys, makeApiKey, revokeApiKey, useApiKey } from "../../../functions/use-cases/api-keys.ts";
import { createCustomer } from "../../../functions/use-cases/create-customer.ts";
import { changeUser, createUser, listUsers, removeUser, resetPassword } from "../../../functions/use-cases/users.ts";
import type { Access } from "../../../shared/domain/access/access.ts";
import type { CustomerId } from "../../../shared/domain/ids.ts";
import { type ControlPlane, startControlPlane } from "../control-plane.ts";

let plane: ControlPlane;
let adler: CustomerId;
let bear: CustomerId;
beforeAll(async () => {
  plane = await startControlPlane();
  [adler, bear] = [
    (await createCustomer(plane.dependencies, { name: "Adler" })).customerId,
    (await createCustomer(plane.dependencies, { name: "Bär" })).customerId,
  ];
});
afterAll(async () => plane.close());

const granter = (access: Access, expiresAt: string | null = null) => ({ name: "granter", access, expiresAt });
const provider = granter({ role: "owner", customers: "all" });
const ofAdler = () => granter({ role: "owner", customers: [adler] });
const refused = (code: string) => expect.objectContaining({ code });

describe("users", () => {
  it("one address is one user", async () => {
    const access = { role: "viewer", customers: [adler] } as const;
    const { user } = await createUser(plane.dependencies, provider, { email: "ann@example.com", access });
    const again = createUser(plane.dependencies, provider, { email: "ANN@example.com", access });
    await expect(again).rejects.toEqual(refused("user-exists"));
    expect(await plane.dependencies.stores.users.find(user.userId)).toEqual(user);
  });

  it("an owner of one customer sees, changes and removes its own people alone", async () => {
    const { user } = await createUser(plane.dependencies, provider, {
      email: "bob@example.com",
      access: { role: "owner", customers: [bear] },
    });
    expect((await listUsers(plane.dependencies, ofAdler())).map(({ email }) => email)).not.toContain("bob@example.com");
    for (const attempt of [removeUser, resetPassword])
      await expect(attempt(plane.dependencies, ofAdler(), user.userId)).rejects.toEqual(refused("not-found"));
    const wider = changeUser(plane.dependencies, granter({ role: "owner", customers: [bear] }), user.userId, {
      role: "owner",
      customers: [adler, bear],
    });
    await expect(wider).rejects.toEqual(refused("forbidden"));
  });

  it("access to a customer that is not there is refused, and nobody is let in", async () => {
    const access = { role: "viewer", customers: [`cust_${"0".repeat(20)}` as CustomerId] } as const;
    await expect(createUser(plane.dependencies, provider, { email: "eve@example.com", access })).rejects.toEqual(refused("not-found"));
    expect((await listUsers(plane.dependencies, provider)).map(({ email }) => email)).not.toContain("eve@example.com");
  });

  it("the last owner of everything stays", async () => {
    const all = { role: "owner", customers: "all" } as const;
    const { user } = await createUser(plane.dependencies, provider, { email: "last@example.com", access: all });
    await expect(removeUser(plane.dependencies, provider, user.userId)).rejects.toEqual(refused("last-owner"));
    await expect(changeUser(plane.dependencies, provider, user.userId, { role: "viewer", customers: "all" })).rejects.toEqual(
      refused("last-owner"),
    );
    await createUser(plane.dependencies, provider, { email: "next@example.com", access: all });
    await removeUser(plane.dependencies, provider, user.userId);
  });
});

const access = () => ({ role: "viewer", customers: [adler] }) as const;
const at = (laterMs: number) => new Date(plane.clock.nowMs + laterMs).toISOString();

describe("API keys", () => {
  it("are used until they expire, with the last use to the minute", async () => {
    const { secret, apiKey } = await makeApiKey(plane.dependencies, "test", { name: "nightly", access: access(), expiresAt: at(90_000) });
    const used = async () => (await plane.dependencies.stores.apiKeys.find(apiKey.keySha256))?.lastUsedAt;
    expect(secret.startsWith(apiKey.prefix)).toBe(true);
    await useApiKey(plane.dependencies, secret);
    const firstUse = await used();
    plane.clock.nowMs += 59_000;
    await useApiKey(plane.dependencies, secret);
    expect(await used()).toBe(firstUse);
    plane.clock.nowMs += 1_000;
    await useApiKey(plane.dependencies, secret);
    expect(await used()).toBe(new Date(plane.clock.nowMs).toISOString());
    plane.clock.nowMs += 30_000;
    await expect(useApiKey(plane.dependencies, secret)).rejects.toThrow(/has expired: it was valid until/);
  });

  it("one that expires makes none that lives longer", async () => {
    const brief = granter({ role: "owner", customers: "all" }, at(60_000));
    const wanted = { name: "longer", access: access() };
    for (const expiresAt of [null, at(60_001)])
      await expect(createApiKey(plane.dependencies, brief, { ...wanted, expiresAt })).rejects.toEqual(refused("forbidden"));
    await createApiKey(plane.dependencies, brief, { ...wanted, expiresAt: at(60_000) });
  });

  it("an owner of one customer neither sees nor revokes another's", async () => {
    const { apiKey } = await makeApiKey(plane.dependencies, "test", {
      name: "theirs",
      access: { role: "viewer", customers: [bear] },
      expiresAt: null,
    });
    expect((await listApiKeys(plane.dependencies, ofAdler())).map(({ keyId }) => keyId)).not.toContain(apiKey.keyId);
    await expect(revokeApiKey(plane.dependencies, ofAdler(), apiKey.keyId)).rejects.toEqual(refused("not-found"));
  });

  it("a key of the first form still opens everything, and can be revoked", async () => {
    const secret = `uskey_${"a".repeat(43)}`;
    const { stores } = plane.dependencies;
    const former = { keySha256: secretHash(secret), name: "first start", createdAt: "2026-01-01T00:00:00.000Z" };
    await stores.apiKeys.add(former as never);
    const key = await useApiKey(plane.dependencies, secret);
    expect(key).toMatchObject({ name: "first start", access: { role: "owner", customers: "all" }, expiresAt: null });
    await revokeApiKey(plane.dependencies, provider, key?.keyId ?? "");
    expect(await useApiKey(plane.dependencies, secret)).toBeUndefined();
  });
});
