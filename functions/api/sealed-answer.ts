import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

export interface KeptAnswer {
  readonly status: number;
  readonly etag: string | null;
  readonly body: string;
}

const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;

/**
 * An answer may hold what is shown once and kept nowhere (a join token, an API key). It is sealed with a key made of the credential that the caller
 * sent, which the control plane does not keep either: what lies in the store opens for that caller alone.
 */
export function sealAnswer(answer: KeptAnswer, credential: string, idempotencyKey: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, keyOf(credential, idempotencyKey), nonce);
  const sealed = Buffer.concat([cipher.update(JSON.stringify(answer), "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64url");
}

/** Null where another credential has sealed it: somebody who logged in again, with the same idempotency key. */
export function openAnswer(kept: string, credential: string, idempotencyKey: string): KeptAnswer | null {
  const bytes = Buffer.from(kept, "base64url");
  const decipher = createDecipheriv(algorithm, keyOf(credential, idempotencyKey), bytes.subarray(0, nonceBytes));
  decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]).toString("utf8");
    return JSON.parse(text) as KeptAnswer;
  } catch {
    return null;
  }
}

function keyOf(credential: string, idempotencyKey: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", credential, idempotencyKey, "understudy idempotent answer", 32));
}
