import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import type { PeerNetwork } from "./peer-network.ts";
import type { Replica } from "./replica.ts";

/** What the ring works on, and whom it tells. */
export interface RingOptions {
  readonly nodeId: NodeId;
  readonly network: PeerNetwork;
  readonly document: () => ClusterDocument;
  readonly replicas: () => readonly Replica[];
  readonly dataDir: string;
  readonly onEvent: (detail: EventDetail) => void;
  /** The replica lacks what the others' logs do not hold any more, and takes a fresh copy of one of these. */
  readonly onUncovered: (dataSet: string, donors: readonly NodeId[]) => void;
  /** For the log. */
  readonly onWarning: (message: string) => void;
  readonly onStatusChanged: () => void;
}
