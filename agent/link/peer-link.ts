import type { ClusterNode } from "../../shared/domain/membership/cluster-document.ts";

/** The way to one peer. Nothing is promised: what cannot be sent now is dropped, since the next heartbeat says it again. */
export interface PeerLink {
  readonly peer: ClusterNode;
  send(payload: Uint8Array): void;
  close(): void;
}
