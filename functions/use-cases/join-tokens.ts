import { limits } from "../../shared/config/limits.ts";
import type { ClusterId, CustomerId } from "../../shared/domain/ids.ts";
import type { Dependencies } from "../dependencies.ts";
import type { JoinToken } from "../store/token-store.ts";
import { audited } from "./audited.ts";
import { clusterOrRefuse } from "./find-or-refuse.ts";
import { Refusal } from "./refusal.ts";

/** A token that a node may still join with. Its id is the hash of its secret, and opens nothing. */
export interface OpenToken {
  readonly tokenId: string;
  readonly role: JoinToken["role"];
  /** `claimed`: a node has it, and waits to be let in. */
  readonly state: "unused" | "claimed";
  readonly expiresAt: string;
}

/** Those that can still be used, the first to expire first. One that a node has claimed may wait longer than its own time, for a licence. */
export async function listJoinTokens(dependencies: Dependencies, clusterId: ClusterId): Promise<readonly OpenToken[]> {
  await clusterOrRefuse(dependencies, clusterId);
  const { stores, nowMs } = dependencies;
  const found = await stores.tokens.listOfCluster(clusterId, isoOf(nowMs() - limits.joinWaitSecondsMax * 1_000));
  return found.flatMap(({ secretSha256: tokenId, role, state, expiresAt }) =>
    state === "claimed" || (state === "unused" && expiresAt > isoOf(nowMs())) ? [{ tokenId, role, state, expiresAt }] : [],
  );
}

/** Nobody joins with it any more. One that a node has claimed already is refused: it may be in the cluster in this moment, and is removed like any node. */
export async function withdrawJoinToken(dependencies: Dependencies, clusterId: ClusterId, tokenId: string): Promise<void> {
  const { role, expiresAt, customerId } = await tokenToWithdraw(dependencies, clusterId, tokenId);
  const isWithdrawn = await audited(
    dependencies,
    { action: "join-token.withdrawn", customerId, subject: clusterId, before: { role, expiresAt } },
    () => dependencies.stores.tokens.withdraw(tokenId),
    (done) => done,
  );
  if (!isWithdrawn) throw claimedAlready();
}

/** Refuses one that is not there, and one that a node has claimed. */
export async function tokenToWithdraw(
  dependencies: Dependencies,
  clusterId: ClusterId,
  tokenId: string,
): Promise<Pick<JoinToken, "role" | "expiresAt"> & { readonly customerId: CustomerId }> {
  const { document } = await clusterOrRefuse(dependencies, clusterId);
  const token = await dependencies.stores.tokens.find(tokenId);
  if (token === undefined || token.clusterId !== clusterId || token.state === "withdrawn") {
    throw new Refusal(
      "not-found",
      `cluster ${document.name} has no join token ${tokenId.slice(0, 64)}`,
      "List its join tokens: it may be withdrawn already.",
    );
  }
  if (token.state !== "unused") throw claimedAlready();
  return { role: token.role, expiresAt: token.expiresAt, customerId: document.customerId };
}

function claimedAlready(): Refusal {
  return new Refusal(
    "token-used",
    "a node has claimed this join token already",
    "Remove that node from the cluster, if it should not be there.",
  );
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
