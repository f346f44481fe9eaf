import type { NodeEvent } from "../../shared/domain/failover/events.ts";
import type { FailoverSettings } from "../../shared/domain/failover/failover-settings.ts";
import type { PeerMessage } from "../../shared/domain/failover/messages.ts";
import { type NodeState, type StepResult, step } from "../../shared/domain/failover/step.ts";
import type { PathName } from "../../shared/domain/ids.ts";

/**
 * A bug planted around the production core, never in it: other settings, a state changed behind its back, effects
 * that get lost.
 */
export interface Mutant {
  readonly name: string;
  /** What the bug is, in one sentence. */
  readonly bug: string;
  /** Numbers of nodes at which it can show. */
  readonly sizes: readonly number[];
  readonly settings?: (settings: FailoverSettings) => FailoverSettings;
  /** The state with which an agent starts. */
  readonly atStart?: (state: NodeState) => NodeState;
  /** Whether a message goes out on a path. */
  readonly sendsOn?: (message: PeerMessage, path: PathName) => boolean;
  /** The guardian of a dead agent gives its lease back while the resources still run. */
  readonly guardianSpeaksFirst?: true;
  /** False: the agent does not notice that its guardian is dead. */
  readonly missesGuardian?: false;
  /** The version of the document that a node answers for to the control plane. */
  readonly confirms?: (state: NodeState) => number;
  /** Updates of names say nothing of the fence that was seen; or whoever lets a group go takes its name away. */
  readonly names?: "unfenced" | "taken-along";
  /** What a node takes an event for. */
  readonly hears?: (event: NodeEvent, state: NodeState) => NodeEvent;
  readonly beforeStep?: (state: NodeState, event: NodeEvent, nowUs: number) => NodeState;
  readonly afterStep?: (result: StepResult, nowUs: number, again: (state: NodeState, event: NodeEvent) => StepResult) => StepResult;
}

/** One step of the production core, with the bug around it. */
export function stepWith(mutant: Mutant | null, state: NodeState, event: NodeEvent, nowUs: number): StepResult {
  const heard = mutant?.hears?.(event, state) ?? event;
  const result = step(mutant?.beforeStep?.(state, heard, nowUs) ?? state, heard, nowUs);
  return mutant?.afterStep?.(result, nowUs, (after, next) => step(after, next, nowUs)) ?? result;
}
