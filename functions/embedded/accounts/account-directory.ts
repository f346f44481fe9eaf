import { type UserDirectory, UserDirectoryError } from "../../user-directory.ts";
import { AccountError, type AccountFile } from "./account-file.ts";

/** The embedded cloud's accounts as the control plane's directory: an account's id is what its ID tokens carry. */
export class AccountDirectory implements UserDirectory {
  readonly #accounts: AccountFile;
  readonly #nowMs: () => number;

  constructor(accounts: AccountFile, nowMs: () => number) {
    this.#accounts = accounts;
    this.#nowMs = nowMs;
  }

  async ensure(email: string): Promise<string> {
    try {
      return this.#accounts.ensure(email, this.#nowMs()).accountId;
    } catch (error) {
      throw error instanceof AccountError ? new UserDirectoryError(error.message, { cause: error }) : error;
    }
  }

  async resetPassword(userId: string): Promise<string> {
    const password = await this.#accounts.resetPassword(userId);
    if (password === undefined) throw new UserDirectoryError(`there is no sign-in ${userId}: remove the user, and let them in anew`);
    return password;
  }

  async remove(userId: string): Promise<void> {
    this.#accounts.remove(userId);
  }
}
