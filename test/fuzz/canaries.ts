import { bytesOf, type FuzzTarget, promise, textOf } from "./fuzz-target.ts";

/*
 * Readers with a fault that is known, one of each kind. Each of them must be found: where one is not, nothing that was not found says anything.
 */

const kept: Uint8Array[] = [];

/** So many are enough for all of them, each by its share. */
export const canaryExecutions = 20_000;

export const canaries: readonly FuzzTarget[] = [
  {
    name: "canary-throws",
    reads: "a length and so many bytes; believes the length",
    share: 4,
    seeds: [Uint8Array.of(0, 3, 1, 2, 3)],
    execute: (input) => {
      if (input.length < 2) return "refused";
      const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
      const length = view.getUint16(0);
      if (length > 0) view.getUint8(1 + length);
      return "accepted";
    },
  },
  {
    name: "canary-forgets",
    reads: "digits; loses what a number cannot hold",
    share: 4,
    seeds: [bytesOf("4711")],
    execute: (input) => {
      const text = textOf(input);
      if (!/^[1-9]\d{0,19}$/.test(text)) return "refused";
      promise(BigInt(Number(text)) === BigInt(text), "the number does not come out as it went in");
      return "accepted";
    },
  },
  {
    name: "canary-slow",
    reads: "words and commas, by an expression that tries every way to read them",
    share: 4,
    seeds: [bytesOf("one,two,three")],
    words: ["a".repeat(25)],
    execute: (input) => (/^([a-z]+)+,$/.test(textOf(input).slice(0, 26)) ? "accepted" : "refused"),
  },
  {
    name: "canary-grows",
    reads: "anything; never forgets it",
    share: 4,
    seeds: [new Uint8Array(65_536)],
    execute: (input) => {
      kept.push(Uint8Array.from(input));
      return "accepted";
    },
  },
];
