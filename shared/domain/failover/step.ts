import type { NodeId } from "../ids.ts";
import type { ClusterDocument } from "../membership/cluster-document.ts";
import type { MonotonicUs } from "../time.ts";
import type { Effect } from "./effects.ts";
import type { NodeEvent } from "./events.ts";

export interface StartOptions {
  readonly nodeId: NodeId;
  readonly incarnation: number;
  readonly document: ClusterDocument;
  readonly nowUs: MonotonicUs;
}

export interface NodeState {
  readonly nodeId: NodeId;
}

export interface StepResult {
  readonly state: NodeState;
  readonly effects: readonly Effect[];
}

export type Step = (state: NodeState, event: NodeEvent, nowUs: MonotonicUs) => StepResult;
