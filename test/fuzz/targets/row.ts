import { packChunks, unpackChunks } from "../../../agent/files/chunk-list.ts";
import { decodeRow, encodeKey, encodeRow, type SqlValue } from "../../../agent/replication/row-codec.ts";
import { type FuzzTarget, isA, promise, sameAs, unless } from "../fuzz-target.ts";

const rows: readonly SqlValue[][] = [
  [null, 1n, -(2n ** 63n), 2n ** 63n - 1n, 0.5, Number.NaN, -0, Number.POSITIVE_INFINITY],
  ["", "text", "ä€😀", "a  ", "A"],
  [new Uint8Array(), Uint8Array.of(0, 255)],
  ["k", 4_711n, "x".repeat(300)],
];

export const row: FuzzTarget = {
  name: "row",
  reads: "rows and keys in the log of changes, and lists of a file's chunks, as they lie on the disk and travel",
  share: 80,
  seeds: rows.map((values) => encodeRow(values)),
  execute: (input) => {
    const chunks = unpackChunks(input);
    promise(packChunks(chunks).equals(input.subarray(0, 36 * chunks.length)), "a list of chunks does not come out as it went in");
    return unless(isA(RangeError), () => {
      const values = decodeRow(input);
      sameAs(decodeRow(encodeRow(values)), values, "a row");
      const key = encodeKey(values, ["NOCASE", "RTRIM", "BINARY"]);
      sameAs(encodeKey(decodeRow(key), ["NOCASE", "RTRIM", "BINARY"]), key, "a key that is made a key again");
      return "accepted";
    });
  },
};
