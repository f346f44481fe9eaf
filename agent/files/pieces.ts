import type { Chunk } from "../../shared/domain/replication/files/file-entry.ts";

/** A chunk of a file as another node's tree has it. */
export interface WantedChunk extends Chunk {
  readonly path: string;
}

/** What has come of several chunks that were asked for at once. */
export interface Pieces {
  /** Of each one, in the order of the question: whether it is among the data. */
  readonly here: readonly boolean[];
  /** The bytes of those that are, one after another: not checked yet. */
  readonly data: Uint8Array<ArrayBuffer>;
  /** Why the others are not. */
  readonly problem?: string;
}

export function bytesOf(wants: readonly { readonly bytes: number }[]): number {
  return wants.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Each wanted chunk with its bytes, undefined where they are not here. */
export function* eachPiece<Want extends { readonly bytes: number }>(
  wants: readonly Want[],
  { here, data }: Pieces,
): Generator<[Want, Uint8Array<ArrayBuffer> | undefined]> {
  let at = 0;
  for (const [index, want] of wants.entries()) {
    const isHere = here[index] === true;
    yield [want, isHere ? data.subarray(at, at + want.bytes) : undefined];
    if (isHere) at += want.bytes;
  }
}
