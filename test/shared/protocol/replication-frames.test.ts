import { encode } from "cborg";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { limits } from "../../../shared/config/limits.ts";
import type { ClusterId, NodeId, OriginId } from "../../../shared/domain/ids.ts";
import {
  decodeFrame,
  encodeFrame,
  FrameError,
  frameHeaderBytes,
  frameLength,
  type ReplicationFrame,
} from "../../../shared/protocol/replication-frames.ts";
import { bytesShown, examplesOf, showExamples, shownExamples } from "./frame-document.ts";

const nodeId = "node_00000000000000000001" as NodeId;
const origin = `${nodeId}:1795000000` as OriginId;
const about = { dataSet: "application", schema: "a".repeat(64) };

const snapshot = "0c5f2a8e-8f8d-4f8b-9d0e-2f6d3c1b7a90";
const aboutChunk = { ...about, snapshot, sha256: "c".repeat(64), encoding: "none" } as const;

const compared = { ...about, lineage: "x", vector: { [origin]: 7 }, ask: 3, table: "t" };
const sixteen = (value: number): Uint8Array<ArrayBuffer> => new Uint8Array(16).fill(value);

const golden: readonly ReplicationFrame[] = [
  { type: "hello", protocol: 1, clusterId: "clus_00000000000000000000" as ClusterId, nodeId, purpose: "ring", run: snapshot },
  {
    type: "state",
    ...about,
    lineage: null,
    hasDatabase: true,
    vector: { [origin]: 7 },
    sealed: { origin, seq: 5 },
    pruned: { [origin]: 2 },
    known: { [nodeId]: { [origin]: 6 } },
    resend: false,
    runningMs: 12_000,
    holding: true,
  },
  {
    type: "pulse",
    wallMs: 1_795_000_000_000,
    zone: "Europe/Vienna",
    sentMs: 12_000.5,
    echo: { sentMs: 7_000.25, heldMs: 250 },
    clocks: { [nodeId]: { wallMs: 1_795_000_000_001, uncertaintyMs: 0.5, agoMs: 900 } },
    ages: { application: { [nodeId]: { [nodeId]: 40 } } },
  },
  {
    type: "changes",
    ...about,
    origins: [origin],
    contexts: [{ [origin]: 3 }],
    shapes: [{ table: "t", columns: ["k", "v"], key: [0] }],
    changes: [
      [0, 8, 2_048_000_000_000_123, 0, 0, "put", Uint8Array.of(0, 1, 255)],
      // Of a data set with a single writer, with the epoch under which it was written.
      [0, 9, 2_048_000_000_000_124, 0, 0, "delete", Uint8Array.of(0), 6],
    ],
    final: true,
  },
  { type: "snapshot-request", dataSet: "application", schema: "", snapshot: null, make: true },
  { type: "snapshot-offer", ...about, snapshot, lineage: "x", bytesTotal: 4_096, have: Uint8Array.of(1) },
  { type: "snapshot-want", ...about, snapshot, chunk: 7, known: null },
  { type: "snapshot-chunk", ...aboutChunk, chunk: 0, bytes: 3, data: Uint8Array.of(1, 2, 3) },
  { type: "files-want", dataSet: "prompts", want: 1, pieces: [["voice/hello.wav", 0, 3, "d".repeat(64)]] },
  { type: "files-chunk", want: 1, here: [true, false], data: Uint8Array.of(1, 2, 3) },
  {
    type: "compare-range",
    ...compared,
    range: { after: Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 9), upTo: null },
    digest: sixteen(1),
  },
  {
    type: "compare-rows",
    ...compared,
    range: { after: null, upTo: null },
    rows: [[Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 9), sixteen(2)]],
  },
  { type: "compare-answer", ask: 3, answer: { outcome: "differs" } },
  {
    type: "compare-answer",
    ask: 3,
    answer: {
      outcome: "judged",
      rows: [
        {
          key: Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 9),
          digest: sixteen(3),
          row: Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 9, 0),
          write: { origin, seq: 8, hlc: 2_048_000_000_000_123, agrees: true },
        },
      ],
    },
  },
  {
    type: "record-write",
    ask: 1,
    write: {
      id: "9b2c",
      dataSet: "calls",
      key: "forward/100",
      change: { kind: "put", value: '{"to":"200"}', ttlMs: 60_000 },
      condition: { is: "absent" },
      durability: "replicated",
      timeoutMs: 10_000,
    },
  },
  { type: "record-answer", ask: 1, answer: { status: 409, body: "{}", etag: null } },
  { type: "refused", reason: "because" },
];

test.each(golden)("frames: $type comes out as it went in", (frame) => {
  const bytes = encodeFrame(frame);
  expect(frameLength(bytes)).toBe(bytes.length - frameHeaderBytes);
  expect(decodeFrame(bytes.subarray(frameHeaderBytes))).toEqual(frame);
});

test("frames: FRAMES.md shows each of them, byte by byte", () => {
  // UPDATE_FRAMES=1 has the examples written anew: read the difference.
  if (process.env["UPDATE_FRAMES"] === "1") showExamples(examplesOf(golden));
  expect(shownExamples()).toBe(examplesOf(golden));
  expect(bytesShown().map((bytes) => decodeFrame(bytes.subarray(frameHeaderBytes)))).toEqual(golden);
});

test("frames: a length over the limit, or of nothing, is refused before anything is read", () => {
  const header = new Uint8Array(4);
  expect(() => frameLength(header)).toThrow(FrameError);
  new DataView(header.buffer).setUint32(0, limits.replicationFrameBytesMax + 1);
  expect(() => frameLength(header)).toThrow(/outside of 1 to/);
});

test("frames: what would be too long is not sent", () => {
  const data = new Uint8Array(limits.replicationFrameBytesMax);
  expect(() => encodeFrame({ type: "snapshot-chunk", ...aboutChunk, chunk: 0, bytes: 1, data })).toThrow(/over the limit/);
});

test.each([
  ["bytes that are no CBOR", Uint8Array.of(0xff, 0x00), /not CBOR/],
  ["an unknown type", encode({ type: "drop-tables" }), /breaks its schema/],
  ["a field too many", encode({ type: "refused", reason: "x", extra: 1 }), /breaks its schema/],
  ["a number that goes back", encode({ type: "snapshot-chunk", ...aboutChunk, chunk: -1, bytes: 1, data: Uint8Array.of() }), /chunk/],
  ["an origin that is none", encode({ ...golden[2], origins: ["; DROP TABLE t"] }), /origins/],
])("frames: %s is refused with its reason", (_, body, reason) => {
  expect(() => decodeFrame(body)).toThrow(reason);
});

test("frames: any corruption is either refused as a frame error or still a frame of the schema, never anything else", () => {
  const bodies = golden.map((frame) => encodeFrame(frame).subarray(frameHeaderBytes));
  fc.assert(
    fc.property(
      fc.constantFrom(...bodies),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      fc.nat(),
      (body, flips, cut) => {
        const bytes = Uint8Array.from(body.subarray(0, Math.max(1, body.length - (cut % 3))));
        for (const [place, value] of flips) bytes[place % bytes.length] = value;
        try {
          expect(typeof decodeFrame(bytes).type).toBe("string");
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError);
        }
      },
    ),
    { numRuns: 3_000 },
  );
});
