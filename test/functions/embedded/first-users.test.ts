import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureUsers, openAccounts } from "../../../functions/embedded/first-users.ts";
import { removeUser } from "../../../functions/use-cases/users.ts";
import { type ControlPlane, startControlPlane } from "../control-plane.ts";

let plane: ControlPlane;
let dataDir = "";
beforeAll(async () => {
  plane = await startControlPlane();
  dataDir = mkdtempSync(join(tmpdir(), "understudy-users-"));
});
afterAll(async () => {
  await plane.close();
  rmSync(dataDir, { recursive: true });
});

const first = { email: "owner@understudy.local", password: "a long enough one", apiKey: "", path: "" };
const open = () => openAccounts(dataDir, "http://127.0.0.1:1/oidc", plane.dependencies.nowMs);
const users = async () => (await plane.dependencies.stores.users.list()).map(({ email, access }) => `${email}: ${access.role}`).toSorted();

describe("who may log in at the first start, and after an older version", () => {
  it("the first start: its owner is an owner of everything; the next start changes nothing", async () => {
    await ensureUsers(plane.dependencies, await open(), first);
    expect(await users()).toEqual(["owner@understudy.local: owner"]);
    await ensureUsers(plane.dependencies, await open(), first);
    expect(await users()).toEqual(["owner@understudy.local: owner"]);
  });

  it("accounts of the first form: users with what their file let them do, and once removed not again", async () => {
    const path = join(dataDir, "accounts.json");
    const stored = JSON.parse(readFileSync(path, "utf8")) as { accounts: Record<string, unknown>[] };
    const [owner] = stored.accounts;
    const former = [
      { ...owner, accountId: "former-1", email: "ann@example.com", role: "administrator" },
      { ...owner, accountId: "former-2", email: "bob@example.com", role: "viewer" },
    ];
    writeFileSync(path, JSON.stringify({ schema: 1, accounts: [owner, ...former] }));
    const accounts = await open();
    await ensureUsers(plane.dependencies, accounts, first);
    const everybody = ["ann@example.com: owner", "bob@example.com: viewer", "owner@understudy.local: owner"];
    expect(await users()).toEqual(everybody);
    const granter = { name: "test", access: { role: "owner", customers: "all" }, expiresAt: null } as const;
    await removeUser({ ...plane.dependencies, directory: accounts.directory }, granter, "former-2");
    await ensureUsers(plane.dependencies, await open(), first);
    expect(await users()).toEqual(["ann@example.com: owner", "owner@understudy.local: owner"]);
  });
});
