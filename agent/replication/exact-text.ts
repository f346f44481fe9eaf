import { isUtf8 } from "node:buffer";

/*
 * A text in SQLite is whatever bytes somebody has put there, as a program that knows Latin-1 alone; a string here is UTF-16. So a byte that is no part of a valid UTF-8
 * sequence is carried as a code unit that no valid text has, U+DC80 to U+DCFF standing alone, and becomes that byte again.
 */

const escaped = 0xdc00;
const replacement = "\ufffd";

/** Whether a string that was made from bytes may not say all that they say. */
export function mayBeAltered(text: string): boolean {
  return text.includes(replacement);
}

/** The bytes of a text, as SQLite is to have them. */
export function bytesOfText(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text, "utf8");
  const parts: Buffer[] = [];
  // By characters: what stands alone is a character of one code unit.
  for (const character of text) {
    const code = character.charCodeAt(0);
    const isByte = character.length === 1 && code >= escaped + 0x80 && code <= escaped + 0xff;
    parts.push(isByte ? Buffer.of(code - escaped) : Buffer.from(character, "utf8"));
  }
  return Buffer.concat(parts);
}

/** The text that these bytes are, with nothing lost. */
export function textOfBytes(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString("utf8");
  if (!mayBeAltered(text) || isUtf8(buffer)) return text;
  let exact = "";
  for (let at = 0; at < buffer.length; ) {
    const first = buffer[at] ?? 0;
    const sequence = buffer.subarray(at, at + lengthAfter(first));
    const isValid = isUtf8(sequence);
    exact += isValid ? sequence.toString("utf8") : String.fromCharCode(escaped + first);
    at += isValid ? sequence.length : 1;
  }
  return exact;
}

/** How long a sequence is that begins so. */
function lengthAfter(first: number): number {
  if (first < 0xc0) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}
