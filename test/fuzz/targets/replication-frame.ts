import { decodeFirst, encode } from "cborg";
import { FrameAssembly } from "../../../agent/replication/frame-assembly.ts";
import { ChunkSet } from "../../../shared/domain/replication/chunk-set.ts";
import {
  decodeFrame,
  encodeFrame,
  FrameError,
  frameHeaderBytes,
  type ReplicationFrame,
} from "../../../shared/protocol/replication-frames.ts";
import { bytesShown } from "../../shared/protocol/frame-document.ts";
import { type FuzzTarget, isA, promise, sameAs, unless } from "../fuzz-target.ts";

interface Whole {
  readonly map: unknown;
  readonly data: Uint8Array;
}

export const replicationFrame: FuzzTarget = {
  name: "replication-frame",
  reads:
    "frames of replication, comparison, records and files, as they come in pieces from another node; which chunks of a snapshot it has",
  share: 14,
  seeds: bytesShown(),
  form: {
    read: (bytes) => {
      const [map, data] = decodeFirst(bytes.subarray(frameHeaderBytes)) as [unknown, Uint8Array];
      return { map, data };
    },
    write: (value) => {
      const { map, data } = (value ?? {}) as Partial<Whole>;
      const head = encode(map ?? null, { ignoreUndefinedProperties: true });
      const length = Buffer.alloc(frameHeaderBytes);
      length.writeUInt32BE(head.length + (data instanceof Uint8Array ? data.length : 0));
      return Buffer.concat([length, head, ...(data instanceof Uint8Array ? [data] : [])]);
    },
  },
  execute: (input) =>
    unless(isA(FrameError), () => {
      const frames = inPieces(input, input.length);
      sameAs(inPieces(input, 7), frames, "a stream that comes in other pieces");
      for (const frame of frames) {
        const bytes = encodeFrame(frame);
        sameAs(encodeFrame(decodeFrame(bytes.subarray(frameHeaderBytes))), bytes, "a frame");
        if (frame.type === "snapshot-offer") readOffer(frame);
      }
      return frames.length > 0 ? "accepted" : "refused";
    }),
};

function inPieces(input: Uint8Array, pieceBytes: number): readonly ReplicationFrame[] {
  const assembly = new FrameAssembly();
  const frames: ReplicationFrame[] = [];
  for (let at = 0; at < input.length; at += pieceBytes) {
    // The buffer that a socket reads into is used again at once.
    const piece = Buffer.from(input.subarray(at, at + pieceBytes));
    assembly.add(piece);
    piece.fill(0xff);
    while (assembly.isReady) {
      const frame = assembly.next();
      if (frame === undefined) break;
      frames.push(frame);
    }
  }
  return frames;
}

function readOffer({ bytesTotal, have }: Extract<ReplicationFrame, { type: "snapshot-offer" }>): void {
  const size = Math.min(bytesTotal, 4_096);
  const set = ChunkSet.from(size, have);
  if (set === undefined) return;
  promise(set.count <= size && (set.count === size) === set.isWhole, "a set has more chunks than there are");
  sameAs(ChunkSet.from(size, set.bytes())?.count, set.count, "a set of chunks");
}
