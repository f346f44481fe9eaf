import type { ClusterNode } from "../../shared/domain/membership/cluster-document.ts";
import type { LanPath } from "../../shared/domain/membership/lan-path.ts";

/** One way to one peer. Nothing is promised: what cannot be sent now is dropped, since the next heartbeat says it again. */
export interface PeerLink {
  readonly peer: ClusterNode;
  readonly path: LanPath;
  send(payload: Uint8Array): void;
  close(): void;
}
