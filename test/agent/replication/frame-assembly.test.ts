import * as fc from "fast-check";
import { expect, test } from "vitest";
import { FrameAssembly } from "../../../agent/replication/frame-assembly.ts";
import { limits } from "../../../shared/config/limits.ts";
import { encodeFrame, type ReplicationFrame } from "../../../shared/protocol/replication-frames.ts";

function chunk(length: number, fill: number): ReplicationFrame {
  return {
    type: "snapshot-chunk",
    dataSet: "application",
    schema: "",
    snapshot: "0c5f2a8e-8f8d-4f8b-9d0e-2f6d3c1b7a90",
    chunk: 0,
    bytes: length,
    sha256: "0".repeat(64),
    encoding: "none",
    data: Buffer.alloc(length, fill),
  };
}

test("frame assembly: frames come out as they went in, however the connection cuts them, and though its buffer is used again", () => {
  const frames = [chunk(700_000, 1), { type: "refused", reason: "because" } as const, chunk(5, 2), chunk(1_200_000, 3)];
  const bytes = Buffer.concat(frames.map(encodeFrame));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 400_000 }), { minLength: 1, maxLength: 8 }), (cuts) => {
      const assembly = new FrameAssembly();
      const came: ReplicationFrame[] = [];
      for (let at = 0, cut = 0; at < bytes.length; cut += 1) {
        const length = cuts[cut % cuts.length] ?? 1;
        const buffer = Buffer.from(bytes.subarray(at, at + length));
        at += length;
        assembly.add(buffer);
        buffer.fill(255);
        for (let next = assembly.next(); next !== undefined; next = assembly.next()) came.push(next);
      }
      expect(came.map((frame) => (frame.type === "snapshot-chunk" ? [frame.bytes, frame.data[0], frame.data.at(-1)] : frame))).toEqual([
        [700_000, 1, 1],
        frames[1],
        [5, 2, 2],
        [1_200_000, 3, 3],
      ]);
    }),
    { numRuns: 30 },
  );
});

test("frame assembly: a chunk's place is used again once it was given back, and not before", () => {
  const assembly = new FrameAssembly();
  const next = (fill: number) => {
    assembly.add(Buffer.from(encodeFrame(chunk(limits.replicationSnapshotChunkBytes, fill))));
    const frame = assembly.next();
    return frame?.type === "snapshot-chunk" ? frame.data : Buffer.alloc(0);
  };
  const [first, second] = [next(1), next(2)];
  expect(first.buffer).not.toBe(second.buffer);
  assembly.release(first);
  const third = next(3);
  expect(third.buffer).toBe(first.buffer);
  expect([second[0], third[0]]).toEqual([2, 3]);
});
