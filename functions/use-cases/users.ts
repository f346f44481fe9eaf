import { limits } from "../../shared/config/limits.ts";
import { type Access, mayGrant, onlyCustomer } from "../../shared/domain/access/access.ts";
import type { Dependencies } from "../dependencies.ts";
import type { User } from "../store/user-store.ts";
import { UserDirectoryError } from "../user-directory.ts";
import type { Granter } from "./api-keys.ts";
import { audited } from "./audited.ts";
import { customersOrRefuse } from "./find-or-refuse.ts";
import { Refusal } from "./refusal.ts";

/** The people that the caller might have let in. */
export async function listUsers({ stores }: Pick<Dependencies, "stores">, granter: Granter): Promise<readonly User[]> {
  return (await stores.users.list()).filter(({ access }) => mayGrant(granter.access, access));
}

/**
 * Lets somebody in, with a first password that is told here and never again. A crash on the way leaves a sign-in that opens nothing: the same request
 * again goes on with it.
 */
export async function createUser(
  dependencies: Dependencies,
  granter: Granter,
  wanted: { readonly email: string; readonly access: Access },
) {
  const { stores, directory, nowMs } = dependencies;
  const { email, access } = wanted;
  await refuseTooMuch(dependencies, granter, access);
  if ((await stores.users.count()) >= limits.usersMax) {
    throw new Refusal("user-limit", `there are ${limits.usersMax} users, the most that there may be`, "Remove those who left.");
  }
  const userId = await refusing(() => directory.ensure(email));
  const now = new Date(nowMs()).toISOString();
  const user: User = { userId, email, access, createdAt: now, createdBy: granter.name, sessionsFrom: now };
  if ((await stores.users.find(userId)) !== undefined) throw userExists(email);
  const change = { action: "user.created", customerId: onlyCustomer(access), subject: userId, after: told(user) } as const;
  const added = await audited(
    dependencies,
    change,
    () => stores.users.add(user),
    (result) => result,
  );
  if (!added) throw userExists(email);
  return { user, password: await refusing(() => directory.resetPassword(userId)) };
}

/** What somebody may do from now on, sessions that are open included. */
export async function changeUser(dependencies: Dependencies, granter: Granter, userId: string, access: Access): Promise<User> {
  const before = await userOrRefuse(dependencies, granter, userId);
  await refuseTooMuch(dependencies, granter, access);
  const after = { ...before, access };
  if (!rulesAll(access)) await refuseLastOwner(dependencies, before);
  const change = {
    action: "user.changed",
    customerId: onlyCustomer(before.access),
    subject: userId,
    before: told(before),
    after: told(after),
  } as const;
  const replaced = await audited(
    dependencies,
    change,
    () => dependencies.stores.users.replace(after),
    (result) => result,
  );
  if (!replaced) throw noSuchUser(userId);
  return after;
}

/**
 * From its answer on, the user's open sessions show nothing. The sign-in goes first: a crash in between leaves a user who is still listed, and to be
 * removed again. The API keys that they have made stay.
 */
export async function removeUser(dependencies: Dependencies, granter: Granter, userId: string): Promise<User> {
  const user = await userOrRefuse(dependencies, granter, userId);
  await refuseLastOwner(dependencies, user);
  const change = { action: "user.removed", customerId: onlyCustomer(user.access), subject: userId, before: told(user) } as const;
  await audited(dependencies, change, async () => {
    await refusing(() => dependencies.directory.remove(userId));
    await dependencies.stores.users.remove(userId);
  });
  return user;
}

/** A new password, told here and never again; every session of the user's is over. */
export async function resetPassword(dependencies: Dependencies, granter: Granter, userId: string) {
  const { stores, directory, nowMs } = dependencies;
  const before = await userOrRefuse(dependencies, granter, userId);
  const user = { ...before, sessionsFrom: new Date(nowMs()).toISOString() };
  const change = { action: "user.password-reset", customerId: onlyCustomer(user.access), subject: userId } as const;
  const password = await audited(dependencies, change, () => refusing(() => directory.resetPassword(userId)));
  await stores.users.replace(user);
  return { user, password };
}

async function userOrRefuse(dependencies: Pick<Dependencies, "stores">, granter: Granter, userId: string): Promise<User> {
  const user = await dependencies.stores.users.find(userId);
  if (user === undefined || !mayGrant(granter.access, user.access)) throw noSuchUser(userId);
  return user;
}

async function refuseTooMuch(dependencies: Dependencies, granter: Granter, access: Access): Promise<void> {
  if (!mayGrant(granter.access, access)) {
    throw new Refusal("forbidden", "nobody can be given more than you have yourself", "Name customers of yours alone.");
  }
  await customersOrRefuse(dependencies, access);
}

/** Without one, nobody could ever let anybody in again. */
async function refuseLastOwner({ stores }: Pick<Dependencies, "stores">, { userId, email, access }: User): Promise<void> {
  if (!rulesAll(access)) return;
  const others = (await stores.users.list()).filter((user) => user.userId !== userId && rulesAll(user.access));
  if (others.length === 0) throw new Refusal("last-owner", `${email} is the last owner of all customers`, "Make somebody else one first.");
}

function rulesAll({ role, customers }: Access): boolean {
  return role === "owner" && customers === "all";
}

function noSuchUser(userId: string): Refusal {
  return new Refusal("not-found", `there is no user ${userId}`, "List the users to find the id.");
}

function userExists(email: string): Refusal {
  return new Refusal(
    "user-exists",
    `there is already a user with the address ${email}`,
    "Change what that one may do, or take another address.",
  );
}

function told({ userId, email, access, createdAt, createdBy }: User) {
  return { userId, email, access, createdAt, createdBy };
}

async function refusing<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof UserDirectoryError)) throw cause;
    throw new Refusal("invalid-request", cause.message, "Correct it, and try again.", { cause });
  }
}
