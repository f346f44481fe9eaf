import type { ClusterId, NodeId } from "../../shared/domain/ids.ts";
import type { MemberRole } from "../../shared/domain/membership/members.ts";

export interface JoinTokenClaim {
  readonly nodeId: NodeId;
  /** Only the holder of this certificate's key may go on with the token. */
  readonly certificateSha256: string;
}

/**
 * `unused`; `claimed`: one node has won it and is being enrolled (a crash in between is resumed by the same node with the same key);
 * `used`: that node was enrolled; `withdrawn`: nobody is any more.
 */
export type JoinTokenState =
  | { readonly state: "unused" }
  | { readonly state: "claimed"; readonly claim: JoinTokenClaim }
  | { readonly state: "used"; readonly claim: JoinTokenClaim }
  | { readonly state: "withdrawn" };

export type JoinToken = JoinTokenState & {
  /** SHA-256 of the secret, hex: the secret itself is kept nowhere. */
  readonly secretSha256: string;
  readonly clusterId: ClusterId;
  /** As what it enrols. */
  readonly role: MemberRole;
  /** The member whose certificate it replaces; absent: it enrols a new one. */
  readonly nodeId?: NodeId;
  /** ISO 8601 UTC. */
  readonly expiresAt: string;
};

/** One-time join tokens. Reads are strongly consistent. Rejects with `StoreUnavailableError` only. */
export interface TokenStore {
  add(token: Pick<JoinToken, "secretSha256" | "clusterId" | "role" | "nodeId" | "expiresAt">): Promise<void>;
  /** Those that expire at or after this instant (ISO 8601 UTC), the first to expire first. Eventually consistent. */
  listOfCluster(clusterId: ClusterId, expiringFrom: string): Promise<readonly JoinToken[]>;
  /** False where it was claimed, used or withdrawn before. */
  withdraw(secretSha256: string): Promise<boolean>;
  find(secretSha256: string): Promise<JoinToken | undefined>;
  /** Of any number of callers exactly one wins an unused token; the others are told `lost`. */
  claim(secretSha256: string, claim: JoinTokenClaim): Promise<"won" | "lost">;
  /** Gives a claim back, so that the token can be used later (a licence was missing). Nothing happens if it is not this claim's. */
  release(secretSha256: string, claim: JoinTokenClaim): Promise<void>;
  /** The node is in the cluster document: the token is used up. Idempotent. */
  markUsed(secretSha256: string, claim: JoinTokenClaim): Promise<void>;
}
