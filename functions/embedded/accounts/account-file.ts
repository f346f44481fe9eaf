import { randomBytes, randomUUID } from "node:crypto";
import { z } from "zod";
import { limits } from "../../../shared/config/limits.ts";
import { hashPassword, verifyPassword } from "./password-hash.ts";
import { readPrivateFile, writePrivateFile } from "./private-file.ts";

export interface Account {
  readonly accountId: string;
  readonly email: string;
  /** In files of the first form: what its owner might do, before that was kept in the store. */
  readonly role?: "administrator" | "viewer" | undefined;
}

const storedSchema = z.strictObject({
  schema: z.literal(1),
  accounts: z
    .array(
      z.strictObject({
        accountId: z.string(),
        email: z.string(),
        role: z.enum(["administrator", "viewer"]).optional(),
        /** Absent until a password was given: until then nobody can log in with it. */
        passwordHash: z.string().optional(),
        createdAt: z.string(),
      }),
    )
    .max(limits.usersMax),
});
type Stored = z.infer<typeof storedSchema>["accounts"][number];

export const passwordLengthMin = 12;
export const passwordLengthMax = 256;
export const emailLengthMax = 254;

/** What was asked cannot be done; the message says why, and what would do. */
export class AccountError extends Error {
  override readonly name = "AccountError";
}

/** The people who may log in, in one file of the embedded cloud's data directory. Passwords are kept as scrypt hashes only. */
export class AccountFile {
  readonly #path: string;
  #accounts: readonly Stored[];
  /** Compared with where there is no such account, so that the answer takes equally long. */
  #decoy: Promise<string> | undefined;

  constructor(path: string) {
    this.#path = path;
    const content = readPrivateFile(path);
    this.#accounts = content === null ? [] : parseAccounts(content, path);
  }

  get size(): number {
    return this.#accounts.length;
  }

  find(accountId: string): Account | undefined {
    return this.#accounts.find((account) => account.accountId === accountId);
  }

  get all(): readonly Account[] {
    return this.#accounts;
  }

  /** The account of the address, made without a password where there is none. Throws an `AccountError`. */
  ensure(email: string, nowMs: number): Account {
    return this.#byEmail(email.trim()) ?? this.#add(checkedAddress(email), undefined, nowMs);
  }

  /** A new password for the account; undefined where there is none. */
  async resetPassword(accountId: string): Promise<string | undefined> {
    const password = newPassword();
    const passwordHash = await hashPassword(password);
    if (this.find(accountId) === undefined) return undefined;
    this.#keep(this.#accounts.map((account) => (account.accountId === accountId ? { ...account, passwordHash } : account)));
    return password;
  }

  /** Idempotent. */
  remove(accountId: string): void {
    this.#keep(this.#accounts.filter((account) => account.accountId !== accountId));
  }

  /** Rejects with an `AccountError`. */
  async create(email: string, password: string, nowMs: number): Promise<Account> {
    const address = checkedAddress(email);
    if (password.length < passwordLengthMin || password.length > passwordLengthMax) {
      throw new AccountError(`a password has ${passwordLengthMin} to ${passwordLengthMax} characters: choose another`);
    }
    const passwordHash = await hashPassword(password);
    if (this.#byEmail(address) !== undefined) throw new AccountError(`there is already an account for ${address}`);
    return this.#add(address, passwordHash, nowMs);
  }

  /** Undefined for a wrong password and for an unknown address: nobody learns which. */
  async verify(email: string, password: string): Promise<Account | undefined> {
    const account = this.#byEmail(email.trim());
    this.#decoy ??= hashPassword(randomUUID());
    const matches = await verifyPassword(password, account?.passwordHash ?? (await this.#decoy));
    return matches ? account : undefined;
  }

  #add(email: string, passwordHash: string | undefined, nowMs: number): Account {
    const account: Stored = { accountId: randomUUID(), email, passwordHash, createdAt: new Date(nowMs).toISOString() };
    this.#keep([...this.#accounts, account]);
    return account;
  }

  #keep(accounts: readonly Stored[]): void {
    writePrivateFile(this.#path, JSON.stringify({ schema: 1, accounts }, null, 2));
    this.#accounts = accounts;
  }

  #byEmail(email: string): Stored | undefined {
    return this.#accounts.find((account) => account.email.toLowerCase() === email.toLowerCase());
  }
}

function checkedAddress(email: string): string {
  const address = email.trim();
  if (address.length > emailLengthMax || !/^[^\s@<>"']+@[^\s@<>"']+$/.test(address)) {
    throw new AccountError("this is no e-mail address: give one like name@example.com");
  }
  return address;
}

/** 120 bits, to be typed once and kept in a password manager. */
function newPassword(): string {
  return randomBytes(15).toString("base64url");
}

function parseAccounts(content: string, path: string): readonly Stored[] {
  try {
    return storedSchema.parse(JSON.parse(content)).accounts;
  } catch (cause) {
    throw new AccountError(`${path} is damaged: restore it from a backup, or remove it to begin without accounts`, { cause });
  }
}
