import { isDeepStrictEqual } from "node:util";

/** What became of an input: it was read, or turned down in the way that is declared for it. */
export type Outcome = "accepted" | "refused";

/** Inputs as values, so that what is inside of them is changed too, and not only their bytes. */
export interface Form {
  /** Throws where the bytes are none of the form. */
  readonly read: (bytes: Uint8Array) => unknown;
  /** Throws where the value cannot be written. */
  readonly write: (value: unknown) => Uint8Array;
}

/** One decoder, parser or verifier, and what it promises of whatever it is given. */
export interface FuzzTarget {
  readonly name: string;
  /** What is read, and who could have sent it: for people. */
  readonly reads: string;
  /** How many parts of all executions it gets: the quicker it is, the more. */
  readonly share: number;
  /** Sound inputs, of which the others are made. Whatever is kept in the corpus is added. */
  readonly seeds: readonly Uint8Array[];
  readonly form?: Form;
  /** What is worth putting into an input, beside what is for every target. */
  readonly words?: readonly string[];
  /** Whatever it throws is a finding. */
  readonly execute: (input: Uint8Array) => Outcome | Promise<Outcome>;
  readonly close?: () => void | Promise<void>;
}

/** What is found where something was read that should not be, or not as it should. */
export class BrokenPromise extends Error {
  override readonly name = "BrokenPromise";
}

export function promise(holds: boolean, what: string): asserts holds {
  if (!holds) throw new BrokenPromise(what);
}

/** Numbers by their value: -0 is 0, as it is in JSON. */
export function sameAs(value: unknown, again: unknown, what: string): void {
  promise(isDeepStrictEqual(value, again), `${what} does not come out as it went in`);
}

/** Refused where `read` throws what is declared; anything else that it throws is a finding. */
export function unless(isDeclared: (error: unknown) => boolean, read: () => Outcome): Outcome {
  try {
    return read();
  } catch (error) {
    if (isDeclared(error)) return "refused";
    throw error;
  }
}

export function isA(...kinds: readonly (abstract new (...parameters: never[]) => unknown)[]): (error: unknown) => boolean {
  return (error) => kinds.some((kind) => error instanceof kind);
}

export const bytesOf = (text: string): Uint8Array => Buffer.from(text, "utf8");
export const textOf = (input: Uint8Array): string => Buffer.from(input.buffer, input.byteOffset, input.byteLength).toString("utf8");

export const jsonForm: Form = {
  read: (bytes) => JSON.parse(textOf(bytes)) as unknown,
  write: (value) => bytesOf(JSON.stringify(value) ?? "null"),
};

export const jsonSeeds = (...values: readonly unknown[]): readonly Uint8Array[] => values.map((value) => bytesOf(JSON.stringify(value)));

/** What JSON the input is; undefined where it is none, which no schema takes. */
export function jsonIn(input: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(input));
  } catch {
    return undefined;
  }
}
