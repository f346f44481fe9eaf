/**
 * Where people prove who they are: the accounts of the embedded cloud, a Cognito pool elsewhere. It knows addresses and passwords, and nothing of what
 * anybody may do. Rejects with a `UserDirectoryError` for what the caller can mend.
 */
export interface UserDirectory {
  /** Makes a sign-in for the address, without a password yet, or finds the one that is there. Returns the id that its ID tokens carry. */
  ensure(email: string): Promise<string>;
  /** Gives the sign-in a new password, which is told here and never again. */
  resetPassword(userId: string): Promise<string>;
  /** Idempotent. */
  remove(userId: string): Promise<void>;
}

/** What was asked cannot be done; the message says why. */
export class UserDirectoryError extends Error {
  override readonly name = "UserDirectoryError";
}
