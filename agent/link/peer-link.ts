import type { LanPath } from "../../shared/domain/membership/lan-path.ts";
import type { Member } from "../../shared/domain/membership/members.ts";

/** One way to one peer. Nothing is promised: what cannot be sent now is dropped, since the next heartbeat says it again. */
export interface PeerLink {
  readonly peer: Member;
  readonly path: LanPath;
  readonly isConnected: boolean;
  /** SHA-256 of the certificate that this node shows there, hex. */
  readonly shown: string;
  send(payload: Uint8Array): void;
  close(): void;
}
