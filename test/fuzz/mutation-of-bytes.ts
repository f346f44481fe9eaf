import type { SeededRandom } from "../../shared/domain/seeded-random.ts";

/** No target takes anything near it as a whole. */
const bytesMax = 70_000;
const edges = [0, 1, 0x7f, 0x80, 0xc0, 0xfe, 0xff, 0x20, 0x2e, 0x2f, 0x22, 0x5b, 0x7b];

interface Change {
  readonly random: SeededRandom;
  readonly seeds: readonly Uint8Array[];
  readonly words: readonly string[];
}

/** The bytes with one to four things about them changed. */
export function changedBytes(bytes: Uint8Array, change: Change): Uint8Array {
  let changed = bytes;
  for (let changes = change.random.between(1, 4); changes > 0; changes -= 1) changed = changedOnce(changed, change);
  return changed.length > bytesMax ? changed.subarray(0, bytesMax) : changed;
}

function changedOnce(bytes: Uint8Array, { random, seeds, words }: Change): Uint8Array {
  const at = random.between(0, bytes.length);
  const to = Math.min(bytes.length, at + random.between(1, random.chance(0.2) ? 400 : 8));
  switch (random.between(0, 9)) {
    case 0:
      return withByte(bytes, at, (byte) => byte ^ (1 << random.between(0, 7)));
    case 1:
      return withByte(bytes, at, () => random.pick(edges));
    case 2:
      return withByte(bytes, at, (byte) => byte + random.pick([-1, 1, 16, -16]));
    case 3:
      return joined(bytes.subarray(0, at), bytes.subarray(to));
    case 4:
      return bytes.subarray(0, at);
    case 5:
      return joined(bytes.subarray(0, at), repeated(bytes.subarray(at, to), random), bytes.subarray(to));
    case 6:
      return joined(bytes.subarray(0, at), Buffer.from(random.pick(words), "utf8"), bytes.subarray(random.chance(0.5) ? at : to));
    case 7: {
      const other = random.pick(seeds);
      const from = random.between(0, other.length);
      return joined(bytes.subarray(0, at), other.subarray(from, from + random.between(1, 64)), bytes.subarray(to));
    }
    case 8:
      return joined(bytes.subarray(to), bytes.subarray(at, to), bytes.subarray(0, at));
    default:
      return withWideNumber(bytes, at, random);
  }
}

function withByte(bytes: Uint8Array, at: number, next: (byte: number) => number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  const byte = changed[at];
  if (byte !== undefined) changed[at] = next(byte) & 0xff;
  return changed;
}

/** Lengths and counts are often two or four bytes wide. */
function withWideNumber(bytes: Uint8Array, at: number, random: SeededRandom): Uint8Array {
  const width = random.pick([2, 4, 8]);
  const changed = Buffer.from(bytes);
  if (at + width > changed.length) return changed;
  const wide = random.pick([0, 1, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff, changed.length]);
  changed.fill(0, at, at + width);
  changed.writeUIntBE(wide % 256 ** Math.min(width, 6), at + Math.max(0, width - 6), Math.min(width, 6));
  return changed;
}

function repeated(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const times = random.pick([2, 2, 3, 16, 256]);
  return bytes.length * times > bytesMax ? bytes : joined(...Array.from({ length: times }, () => bytes));
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}
