import type { ClusterNode } from "../../shared/domain/membership/cluster-document.ts";

/** What a peer tells: a message of the failover core, or the newest signed cluster document that it has. Not decoded yet. */
export type PeerPayload = { readonly kind: "message" | "document"; readonly bytes: Uint8Array };

/** The way to one peer. Nothing is promised: what cannot be sent now is dropped, since the next heartbeat says it again. */
export interface PeerLink {
  readonly peer: ClusterNode;
  send(payload: PeerPayload): void;
  close(): void;
}
