/** What a client saw of one fault. Times in milliseconds. */
export interface Sample {
  /** Its longest time without an answer, from the fault to its heal. */
  readonly silenceMs: number;
  /** For how long two machines answered for the address at once, from the fault on, its heal included. */
  readonly bothAnswerMs: number;
  /** Its longest time without an answer from the heal on, as long as was looked. */
  readonly silenceAfterHealMs: number;
}

export const benchScenarios = ["host-dies", "link-cut", "black-hole", "planned-switchover", "agent-killed", "agent-frozen"] as const;
export type BenchScenario = (typeof benchScenarios)[number];

/** Whoever keeps an address alive, and can be struck. */
export interface Contender {
  /** One fault from a settled state to a settled state. */
  sample(scenario: BenchScenario): Promise<Sample>;
}
