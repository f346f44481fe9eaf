import type { Outcome } from "./fuzz-target.ts";

/** Executions of one target, one after the other on one thread. */
export interface FuzzJob {
  readonly target: string;
  readonly seed: number;
  /** The number of the first; each is made from target, seed and its own number alone. */
  readonly first: number;
  readonly executions: number;
  /** What is kept in the corpus goes first, unchanged. */
  readonly withCorpus: boolean;
}

export type FindingKind = "threw" | "slow" | "hung" | "grew";

export interface Finding {
  readonly target: string;
  readonly kind: FindingKind;
  readonly message: string;
  /** Which execution it was; null: an input of the corpus, or none alone. */
  readonly execution: number | null;
  /** The least input that shows it; null where there is none to show. */
  readonly input: Uint8Array | null;
}

export interface FuzzJobResult {
  readonly executions: number;
  readonly accepted: number;
  readonly processorMs: number;
  /** A target is left at the first one of a job. */
  readonly finding: Finding | null;
}

export type Execute = (input: Uint8Array) => Outcome | Promise<Outcome>;
