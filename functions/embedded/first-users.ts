import type { Role } from "../../shared/domain/access/access.ts";
import type { Dependencies } from "../dependencies.ts";
import type { User } from "../store/user-store.ts";
import { type Account, AccountError } from "./accounts/account-file.ts";
import { type Accounts, startAccounts } from "./accounts/accounts.ts";
import type { FirstLogin } from "./first-login.ts";
import { StartError } from "./start-error.ts";

/** Rejects with a `StartError` where the files of the accounts are damaged. */
export async function openAccounts(dataDir: string, issuerUrl: string, nowMs: () => number): Promise<Accounts> {
  return startAccounts({ dataDir, issuerUrl, nowMs }).catch(mendable);
}

/**
 * Makes the first person an owner of everything. Accounts that an earlier version made are users from now on, with what their file let them do; one
 * that was removed since is not there any more, and stays so.
 */
export async function ensureUsers({ stores, nowMs }: Dependencies, accounts: Accounts, { email, password }: FirstLogin): Promise<void> {
  if (accounts.all().length === 0) await accounts.createAccount(email, password).catch(mendable);
  const nobodyYet = (await stores.users.list()).length === 0;
  for (const account of accounts.all()) {
    const role = account.role ?? (nobodyYet && account.email === email ? "administrator" : undefined);
    if (role !== undefined) await stores.users.add(userOf(account, role === "administrator" ? "owner" : "viewer", nowMs()));
  }
}

function userOf({ accountId: userId, email }: Account, role: Role, nowMs: number): User {
  const access = { role, customers: "all" } as const;
  const createdBy = "the first start";
  return { userId, email, access, createdAt: new Date(nowMs).toISOString(), createdBy, sessionsFrom: "1970-01-01T00:00:00.000Z" };
}

function mendable(error: unknown): never {
  throw error instanceof AccountError ? new StartError(error.message, error) : error;
}
