const coordinateBytes = 32;

/** An ECDSA signature on P-256 as JWS wants it, both numbers in 32 bytes each, from the DER form that KMS gives: SEQUENCE of two INTEGERs. */
export function joinedSignature(der: Uint8Array): Uint8Array {
  const r = integerAt(der, 2);
  const s = integerAt(der, r.end);
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || s.end !== der.length) throw malformed();
  const joined = new Uint8Array(2 * coordinateBytes);
  joined.set(r.digits, coordinateBytes - r.digits.length);
  joined.set(s.digits, 2 * coordinateBytes - s.digits.length);
  return joined;
}

/** Without the zero in front that only says that the number is positive. */
function integerAt(der: Uint8Array, start: number): { readonly digits: Uint8Array; readonly end: number } {
  const length = der[start + 1];
  if (der[start] !== 0x02 || length === undefined || length === 0) throw malformed();
  const end = start + 2 + length;
  const bytes = der.subarray(start + 2, end);
  const digits = bytes[0] === 0 ? bytes.subarray(1) : bytes;
  if (bytes.length !== length || digits.length > coordinateBytes) throw malformed();
  return { digits, end };
}

function malformed(): Error {
  return new Error("this is no DER signature by a key on P-256");
}
