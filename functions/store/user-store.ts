import type { Access } from "../../shared/domain/access/access.ts";

/** A person who may use the console. That it is them, the directory they log in at says (user-directory.ts); what they may do, this. */
export interface User {
  /** As the directory's ID token names them. */
  readonly userId: string;
  readonly email: string;
  readonly access: Access;
  /** ISO 8601 UTC. */
  readonly createdAt: string;
  readonly createdBy: string;
  /** Sessions begun before are over. ISO 8601 UTC. */
  readonly sessionsFrom: string;
}

/** The people of the provider. Rejects with `StoreUnavailableError` only. */
export interface UserStore {
  /** False where the user is there already. */
  add(user: User): Promise<boolean>;
  /** False where the user is not there any more. */
  replace(user: User): Promise<boolean>;
  /** Strongly consistent: whoever was removed is not found any more. */
  find(userId: string): Promise<User | undefined>;
  /** Oldest first. Eventually consistent. */
  list(): Promise<readonly User[]>;
  /** How many there are. Eventually consistent. */
  count(): Promise<number>;
  /** Idempotent. */
  remove(userId: string): Promise<void>;
}
