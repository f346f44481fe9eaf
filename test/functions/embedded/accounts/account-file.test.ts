import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AccountFile } from "../../../../functions/embedded/accounts/account-file.ts";
import { loadProviderSecrets } from "../../../../functions/embedded/accounts/provider-secrets.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-accounts-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const password = "correct horse battery";

describe("accounts on disk", () => {
  it("an account outlives its process; the file is private and holds no password", async () => {
    const path = join(folder, "accounts.json");
    const made = await new AccountFile(path).create("Ann@example.com", password, 0);
    const again = new AccountFile(path);
    expect(again.size).toBe(1);
    expect(await again.verify("ann@EXAMPLE.com", password)).toMatchObject({ accountId: made.accountId });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, "utf8")).not.toContain(password);
  });

  it("a wrong password and an unknown address: the same answer", async () => {
    const file = new AccountFile(join(folder, "accounts.json"));
    await file.create("ann@example.com", password, 0);
    expect(await file.verify("ann@example.com", "wrong")).toBeUndefined();
    expect(await file.verify("nobody@example.com", password)).toBeUndefined();
  });

  it("a second account for one address, a short password, no address: refused with the reason", async () => {
    const file = new AccountFile(join(folder, "accounts.json"));
    await file.create("ann@example.com", password, 0);
    await expect(file.create("ANN@example.com", password, 0)).rejects.toThrow(/already an account/);
    await expect(file.create("bob@example.com", "short", 0)).rejects.toThrow(/12 to 256 characters/);
    await expect(file.create("bob", password, 0)).rejects.toThrow(/no e-mail address/);
    expect(file.size).toBe(1);
  });

  it("a new password: the old one opens nothing any more; a removed account neither", async () => {
    const path = join(folder, "accounts.json");
    const file = new AccountFile(path);
    const { accountId } = file.ensure("ann@example.com", 0);
    expect(file.ensure("ANN@example.com", 0)).toMatchObject({ accountId });
    expect(await file.verify("ann@example.com", "")).toBeUndefined();
    const first = await file.resetPassword(accountId);
    const second = await file.resetPassword(accountId);
    expect(await file.verify("ann@example.com", first ?? "")).toBeUndefined();
    expect(await new AccountFile(path).verify("ann@example.com", second ?? "")).toMatchObject({ accountId });
    file.remove(accountId);
    expect(await new AccountFile(path).verify("ann@example.com", second ?? "")).toBeUndefined();
    expect(await file.resetPassword(accountId)).toBeUndefined();
  }, 60_000);

  it("a damaged file: the message names it and the way out, and quotes nothing of it", () => {
    const path = join(folder, "accounts.json");
    writeFileSync(path, '{"schema":1,"accounts":[{"passwordHash":"secret"}]}');
    expect(() => new AccountFile(path)).toThrow(/accounts\.json is damaged: restore it/);
  });

  it("the provider's secrets: made once, private, the same at the next start", async () => {
    const path = join(folder, "secrets.json");
    const first = await loadProviderSecrets(path);
    const second = await loadProviderSecrets(path);
    expect(second).toEqual(first);
    expect(first.sessionKey.byteLength).toBe(32);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});
