import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import { GetPublicKeyCommand, type KMSClient, SignCommand } from "@aws-sdk/client-kms";
import { base64url, calculateJwkThumbprint, exportJWK, type JWK } from "jose";
import { type SignedType, signatureAlgorithm } from "../../shared/protocol/signatures.ts";
import type { DocumentSigner } from "../dependencies.ts";
import { joinedSignature } from "./joined-signature.ts";

interface PublicKey {
  readonly key: KeyObject;
  readonly jwk: JWK & { readonly kid: string };
}

/**
 * Signs with keys that never leave KMS (ECC_NIST_P256). The first of them signs; agents are told all, so that a new key can be put in front of the old one. Public keys are
 * asked for once a process.
 */
export function kmsSigner(client: KMSClient, keyIds: readonly string[]): DocumentSigner {
  const known = new Map<string, Promise<PublicKey>>();
  const publicKeyOf = (keyId: string): Promise<PublicKey> => {
    const asked = known.get(keyId) ?? readPublicKey(client, keyId);
    known.set(keyId, asked);
    // A failure is forgotten: whoever asks next tries again.
    asked.catch(() => known.delete(keyId));
    return asked;
  };
  return {
    sign: async (type: SignedType, payload: object) => {
      const [keyId] = keyIds;
      if (keyId === undefined) throw new Error("no key is set to sign with: UNDERSTUDY_SIGNING_KEYS names none");
      const { key, jwk } = await publicKeyOf(keyId);
      const header = base64url.encode(JSON.stringify({ alg: signatureAlgorithm, typ: type, kid: jwk.kid }));
      const text = `${header}.${base64url.encode(JSON.stringify(payload))}`;
      const signature = await sign(client, keyId, text);
      // What agents would refuse must not become the cluster's document.
      if (!verify("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }, signature)) {
        throw new Error(`KMS signed with another key than the one that it tells for ${keyId}`);
      }
      return `${text}.${base64url.encode(signature)}`;
    },
    publicKeys: async () => (await Promise.all(keyIds.map(publicKeyOf))).map(({ jwk }) => jwk),
  };
}

/** KMS takes no more than 4 KiB as they are, so it gets the hash. */
async function sign(client: KMSClient, keyId: string, text: string): Promise<Uint8Array> {
  const Message = createHash("sha256").update(text).digest();
  const command = new SignCommand({ KeyId: keyId, Message, MessageType: "DIGEST", SigningAlgorithm: "ECDSA_SHA_256" });
  const { Signature } = await client.send(command);
  if (Signature === undefined) throw new Error(`KMS answered without the signature of ${keyId}`);
  return joinedSignature(Signature);
}

async function readPublicKey(client: KMSClient, keyId: string): Promise<PublicKey> {
  const { PublicKey: der } = await client.send(new GetPublicKeyCommand({ KeyId: keyId }));
  if (der === undefined) throw new Error(`KMS answered without the public key of ${keyId}`);
  const key = createPublicKey({ key: Buffer.from(der), format: "der", type: "spki" });
  const { kty, crv, x, y } = await exportJWK(key);
  if (crv !== "P-256") throw new Error(`${keyId} is no key on P-256: agents accept no other`);
  const plain = { kty, crv, x, y } as JWK;
  return { key, jwk: { ...plain, alg: signatureAlgorithm, use: "sig", kid: await calculateJwkThumbprint(plain) } };
}
