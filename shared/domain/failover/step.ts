import type { GroupName, NodeId } from "../ids.ts";
import type { ClusterDocument } from "../membership/cluster-document.ts";
import type { MonotonicUs } from "../time.ts";
import type { CleanStop } from "./durable-record.ts";
import type { Effect } from "./effects.ts";
import type { NodeEvent } from "./events.ts";
import type { FailoverSettings } from "./failover-settings.ts";
import type { NodeState } from "./node-state.ts";

export type { NodeState } from "./node-state.ts";

export interface StartOptions {
  readonly nodeId: NodeId;
  /** The stored one plus one, already stored (durable-record.ts). */
  readonly incarnation: number;
  /** As stored; empty at the first start. */
  readonly epochCeilings: Readonly<Record<GroupName, number>>;
  /** Null unless this boot's last run ended cleanly and left its proof. */
  readonly cleanStop: CleanStop | null;
  readonly document: ClusterDocument;
  readonly settings: FailoverSettings;
  readonly nowUs: MonotonicUs;
}

export interface StepResult {
  readonly state: NodeState;
  readonly effects: readonly Effect[];
}

export type Step = (state: NodeState, event: NodeEvent, nowUs: MonotonicUs) => StepResult;
