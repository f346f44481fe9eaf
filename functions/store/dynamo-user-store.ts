import type { DynamoTable, Item } from "./dynamo-table.ts";
import { keyOf, listingOf } from "./table-keys.ts";
import type { User, UserStore } from "./user-store.ts";

export class DynamoUserStore implements UserStore {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async add(user: User): Promise<boolean> {
    return this.#table.putIfAbsent(itemOf(user));
  }

  async replace(user: User): Promise<boolean> {
    return this.#table.put(itemOf(user), { ConditionExpression: "attribute_exists(pk)" });
  }

  async find(userId: string): Promise<User | undefined> {
    const item = await this.#table.get(keyOf.user(userId));
    return item === undefined ? undefined : userOf(item);
  }

  async list(): Promise<readonly User[]> {
    return (await this.#table.wholeListing(listingOf.users.listPk)).map(userOf);
  }

  async count(): Promise<number> {
    return (await this.#table.wholeListing(listingOf.users.listPk)).length;
  }

  async remove(userId: string): Promise<void> {
    await this.#table.remove(keyOf.user(userId));
  }
}

function itemOf(user: User) {
  return { ...keyOf.user(user.userId), ...listingOf.users, listSk: `${user.createdAt}#${user.userId}`, user };
}

function userOf(item: Item): User {
  return item["user"] as User;
}
