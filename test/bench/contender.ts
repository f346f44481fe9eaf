import type { ScenarioPace } from "../lab/run-scenario.ts";

/** What a client saw of one fault. Times in milliseconds. */
export interface Sample {
  /** Its longest time without an answer, from the fault to its heal. */
  readonly silenceMs: number;
  /** For how long two machines answered for the address at once, from the fault on, its heal included. */
  readonly bothAnswerMs: number;
  /** Its longest time without an answer from the heal on, as long as was looked. */
  readonly silenceAfterHealMs: number;
  /** How often the address was taken by a machine, by the contender's own word; null where the fault asks for a takeover. */
  readonly falseTakeovers: number | null;
}

export const strikes = [
  "host-dies",
  "link-cut",
  "black-hole",
  "one-way-loss",
  "planned-switchover",
  "agent-killed",
  "agent-frozen",
] as const;
export type Strike = (typeof strikes)[number];

/** Nothing is struck: every processor and the disk are busy for this long, and whatever moves moves for nothing. */
export const busy = "busy-45s";
export const busyMs = 45_000;

export const benchScenarios = [...strikes, busy] as const;
export type BenchScenario = (typeof benchScenarios)[number];

/** What keeps the contenders in step. */
export interface Pace extends ScenarioPace {
  /** `settleAgain`: for whoever may have lost its rest while others still came to theirs. */
  beforeStrike(settleAgain?: () => Promise<void>): Promise<void>;
}

/** Whoever keeps an address alive, and can be struck. */
export interface Contender {
  /** One fault, or one busy machine, from a settled state on, in step with the other contenders. */
  sample(scenario: BenchScenario, pace: Pace): Promise<Sample>;
}
