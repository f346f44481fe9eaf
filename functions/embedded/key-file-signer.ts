import { join } from "node:path";
import { CompactSign, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from "jose";
import { z } from "zod";
import { type SignedType, signatureAlgorithm } from "../../shared/protocol/signatures.ts";
import type { DocumentSigner } from "../dependencies.ts";
import type { DataDirectory } from "./data-directory.ts";
import { StartError } from "./start-error.ts";

const fileName = "signing-key.json";
const coordinate = z.base64url().length(43);
const keySchema = z.object({ kty: z.literal("EC"), crv: z.literal("P-256"), x: coordinate, y: coordinate, d: coordinate });

/** Signs with a key that lies in a file of the data directory, readable for its owner alone. */
export async function loadKeyFileSigner(directory: DataDirectory): Promise<DocumentSigner> {
  const jwk = await readKey(directory);
  const key = await importJWK(jwk, signatureAlgorithm);
  const { kty, crv, x, y } = jwk;
  const publicKey = { kty, crv, x, y, alg: signatureAlgorithm, use: "sig", kid: await calculateJwkThumbprint(jwk) } as JWK;
  return {
    sign: async (type: SignedType, payload: object) =>
      new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
        .setProtectedHeader({ alg: signatureAlgorithm, typ: type, kid: publicKey.kid ?? "" })
        .sign(key),
    publicKeys: async () => [publicKey],
  };
}

async function readKey(directory: DataDirectory): Promise<JWK> {
  const text = await directory.readOrCreate(fileName, createKey);
  try {
    return keySchema.parse(JSON.parse(text));
  } catch {
    // The cause is left out: a parser's message may quote the file, and the file is a private key.
    throw new StartError(
      `${join(directory.path, fileName)} does not hold the key that was written there. Put it back from a backup: agents believe no other.`,
    );
  }
}

async function createKey(): Promise<string> {
  const { privateKey } = await generateKeyPair(signatureAlgorithm, { extractable: true });
  return JSON.stringify(await exportJWK(privateKey));
}
