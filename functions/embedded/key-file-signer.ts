import { CompactSign, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from "jose";
import { type SignedType, signatureAlgorithm } from "../../shared/protocol/signatures.ts";
import type { DocumentSigner } from "../dependencies.ts";
import type { DataDirectory } from "./data-directory.ts";

/** Signs with a key that lies in a file of the data directory, readable for its owner alone. */
export async function loadKeyFileSigner(directory: DataDirectory): Promise<DocumentSigner> {
  const jwk = JSON.parse(await directory.readOrCreate("signing-key.json", createKey)) as JWK;
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

async function createKey(): Promise<string> {
  const { privateKey } = await generateKeyPair(signatureAlgorithm, { extractable: true });
  return JSON.stringify(await exportJWK(privateKey));
}
