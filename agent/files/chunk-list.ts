import type { Chunk } from "../../shared/domain/replication/files/file-entry.ts";

/** A chunk in a list: its SHA-256, and its length. */
const hashBytes = 32;
const lengthBytes = 4;
const itemBytes = hashBytes + lengthBytes;

export function packChunks(chunks: readonly Chunk[]): Buffer {
  const list = Buffer.alloc(chunks.length * itemBytes);
  for (const [index, { sha256, bytes }] of chunks.entries()) {
    list.write(sha256, index * itemBytes, "hex");
    list.writeUInt32BE(bytes, index * itemBytes + hashBytes);
  }
  return list;
}

/** A list that is cut off has nothing after its last whole item. */
export function unpackChunks(packed: Uint8Array): Chunk[] {
  const list = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  const chunks: Chunk[] = [];
  let start = 0;
  for (let at = 0; at + itemBytes <= list.length; at += itemBytes) {
    const bytes = list.readUInt32BE(at + hashBytes);
    chunks.push({ start, bytes, sha256: list.toString("hex", at, at + hashBytes) });
    start += bytes;
  }
  return chunks;
}
