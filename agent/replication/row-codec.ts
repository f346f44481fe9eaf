import { bytesOfText, textOfBytes } from "./exact-text.ts";

/** What SQLite stores, exactly: an INTEGER is a bigint (64 bits), a REAL a number. */
export type SqlValue = null | bigint | number | string | Uint8Array;

const tagOf = { null: 0, integer: 1, real: 2, text: 3, blob: 4 } as const;

/** A row's values as bytes: a tag each, then eight bytes for numbers, or a length and the bytes. The same values give the same bytes. */
export function encodeRow(values: readonly SqlValue[]): Uint8Array<ArrayBuffer> {
  const parts = values.map((value) => (typeof value === "string" ? bytesOfText(value) : value));
  let size = 0;
  for (const part of parts) size += 1 + (part === null ? 0 : part instanceof Uint8Array ? 4 + part.length : 8);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [position, part] of parts.entries()) {
    if (part === null) {
      bytes[at] = tagOf.null;
      at += 1;
    } else if (typeof part === "bigint") {
      bytes[at] = tagOf.integer;
      view.setBigInt64(at + 1, part);
      at += 9;
    } else if (typeof part === "number") {
      bytes[at] = tagOf.real;
      view.setFloat64(at + 1, part);
      at += 9;
    } else {
      bytes[at] = typeof values[position] === "string" ? tagOf.text : tagOf.blob;
      view.setUint32(at + 1, part.length);
      bytes.set(part, at + 5);
      at += 5 + part.length;
    }
  }
  return bytes;
}

/** The values again. Throws where the bytes are not a row. */
export function decodeRow(bytes: Uint8Array): SqlValue[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values: SqlValue[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes[at] ?? -1;
    at += 1;
    switch (tag) {
      case tagOf.null:
        values.push(null);
        break;
      case tagOf.integer:
        values.push(view.getBigInt64(at));
        at += 8;
        break;
      case tagOf.real:
        values.push(view.getFloat64(at));
        at += 8;
        break;
      case tagOf.text:
      case tagOf.blob: {
        const end = at + 4 + view.getUint32(at);
        if (end > bytes.length) throw new RangeError("a row's bytes end inside a value");
        const content = bytes.subarray(at + 4, end);
        values.push(tag === tagOf.text ? textOfBytes(content) : Uint8Array.from(content));
        at = end;
        break;
      }
      default:
        throw new RangeError(`a row holds a value of unknown kind ${tag}`);
    }
  }
  return values;
}

/** How a key column compares its texts; what SQLite holds for one key must be one key here too. */
export type KeyCollation = "BINARY" | "NOCASE" | "RTRIM";

/** A primary key as bytes, equal exactly where SQLite's own comparison says so: 1 is 1.0, and NOCASE knows no case. */
export function encodeKey(values: readonly SqlValue[], collations: readonly KeyCollation[]): Uint8Array<ArrayBuffer> {
  return encodeRow(
    values.map((value, position) => {
      if (typeof value === "number" && Number.isInteger(value) && Math.abs(value) < 2 ** 63) return BigInt(value);
      if (typeof value !== "string") return value;
      const collation = collations[position];
      if (collation === "NOCASE") return value.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
      return collation === "RTRIM" ? value.replace(/ +$/, "") : value;
    }),
  );
}
