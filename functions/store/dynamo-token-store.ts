import type { ClusterId } from "../../shared/domain/ids.ts";
import type { DynamoTable, Item } from "./dynamo-table.ts";
import { keyOf, listingOf, removableAttribute } from "./table-keys.ts";
import type { JoinToken, JoinTokenClaim, TokenStore } from "./token-store.ts";

/** Until then whoever comes with it learns that it has expired, and not that nobody knows it. */
const keptAfterExpirySeconds = 30 * 86_400;

const states = { unused: "unused", claimed: "claimed", used: "used", withdrawn: "withdrawn" } as const;

export class DynamoTokenStore implements TokenStore {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async add(token: Parameters<TokenStore["add"]>[0]): Promise<void> {
    const listing = { ...listingOf.tokensOf(token.clusterId), listSk: `${token.expiresAt}#${token.secretSha256}` };
    const removableAtSeconds = Math.ceil(Date.parse(token.expiresAt) / 1_000) + keptAfterExpirySeconds;
    const item = { ...keyOf.joinToken(token.secretSha256), ...listing, ...token, tokenState: states.unused };
    await this.#table.putIfAbsent({ ...item, [removableAttribute]: removableAtSeconds });
  }

  async listOfCluster(clusterId: ClusterId, expiringFrom: string): Promise<readonly JoinToken[]> {
    return (await this.#table.wholeListing(listingOf.tokensOf(clusterId).listPk, expiringFrom)).map(tokenOf);
  }

  async withdraw(secretSha256: string): Promise<boolean> {
    return this.#table.update(keyOf.joinToken(secretSha256), {
      UpdateExpression: "SET tokenState = :withdrawn",
      ConditionExpression: "tokenState = :unused",
      ExpressionAttributeValues: { ":withdrawn": states.withdrawn, ":unused": states.unused },
    });
  }

  async find(secretSha256: string): Promise<JoinToken | undefined> {
    const item = await this.#table.get(keyOf.joinToken(secretSha256));
    return item === undefined ? undefined : tokenOf(item);
  }

  async claim(secretSha256: string, claim: JoinTokenClaim): Promise<"won" | "lost"> {
    const won = await this.#table.update(keyOf.joinToken(secretSha256), {
      UpdateExpression: "SET tokenState = :claimed, claim = :claim",
      ConditionExpression: "tokenState = :unused",
      ExpressionAttributeValues: { ":claimed": states.claimed, ":unused": states.unused, ":claim": claim },
    });
    return won ? "won" : "lost";
  }

  async release(secretSha256: string, claim: JoinTokenClaim): Promise<void> {
    await this.#table.update(keyOf.joinToken(secretSha256), {
      UpdateExpression: "SET tokenState = :unused REMOVE claim",
      ConditionExpression: "tokenState = :claimed AND claim.nodeId = :node",
      ExpressionAttributeValues: { ":claimed": states.claimed, ":unused": states.unused, ":node": claim.nodeId },
    });
  }

  async markUsed(secretSha256: string, claim: JoinTokenClaim): Promise<void> {
    await this.#table.update(keyOf.joinToken(secretSha256), {
      UpdateExpression: "SET tokenState = :used",
      ConditionExpression: "tokenState = :claimed AND claim.nodeId = :node",
      ExpressionAttributeValues: { ":claimed": states.claimed, ":used": states.used, ":node": claim.nodeId },
    });
  }
}

function tokenOf(item: Item): JoinToken {
  const { secretSha256, clusterId, role, nodeId, expiresAt } = item;
  const token = { secretSha256, clusterId, role, expiresAt, ...(nodeId === undefined ? {} : { nodeId }) };
  const { tokenState: state, claim } = item;
  return (claim === undefined ? { ...token, state } : { ...token, state, claim }) as JoinToken;
}
