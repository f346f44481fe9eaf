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

export const strikes = ["host-dies", "link-cut", "black-hole", "planned-switchover", "agent-killed", "agent-frozen"] as const;
export type Strike = (typeof strikes)[number];

/** Nothing is struck: every processor and the disk are busy for this long, and whatever moves moves for nothing. */
export const busy = "busy-45s";
export const busyMs = 45_000;

export const benchScenarios = [...strikes, busy] as const;
export type BenchScenario = (typeof benchScenarios)[number];

/** Whoever keeps an address alive, and can be struck. */
export interface Contender {
  /** One fault from a settled state to a settled state. */
  sample(scenario: Strike): Promise<Sample>;

  /** A busy machine for `busyMs`, from a settled state to a settled state. */
  busySample(): Promise<Sample>;
}
