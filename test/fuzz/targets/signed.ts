import { createHash, createPublicKey, verify } from "node:crypto";
import { signatureAlgorithm, signedTypes, verifySigned } from "../../../shared/protocol/signatures.ts";
import { bytesOf, type FuzzTarget, promise, sameAs, textOf } from "../fuzz-target.ts";
import { signedOnce } from "./signed-once.ts";

const keys = { keys: [signedOnce.publicKey] };
const known = createPublicKey({ key: signedOnce.publicKey, format: "jwk" });
const soundHashes = new Set(signedOnce.sound.map(hashOf));

/** A second way to the same answer, with nothing of the first. */
function isSoundByItself(jws: string): boolean {
  const [header = "", payload = "", signature = "", ...more] = jws.split(".");
  if (more.length > 0) return false;
  const { alg, typ } = JSON.parse(Buffer.from(header, "base64url").toString("utf8")) as { alg?: unknown; typ?: unknown };
  const key = { key: known, dsaEncoding: "ieee-p1363" } as const;
  return (
    alg === signatureAlgorithm &&
    typ === signedTypes.document &&
    verify("sha256", Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, "base64url"))
  );
}

function hashOf(jws: string): string {
  return createHash("sha256").update(jws).digest("hex");
}

export const signedText: FuzzTarget = {
  name: "signed",
  reads: "documents and licences with their signature, from the cloud, another node or a file; read by a second verifier too",
  share: 6,
  seeds: [...signedOnce.sound, ...signedOnce.unsound].map(bytesOf),
  words: ["none", "HS256", ".", "..", "eyJhbGciOiJub25lIn0", "=", "crit", "jwk", "b64"],
  execute: async (input) => {
    const jws = textOf(input);
    const verified = await verifySigned(signedTypes.document, jws, keys);
    if (!verified.ok) {
      promise(!soundHashes.has(hashOf(jws)), "what is sound is refused");
      return "refused";
    }
    promise(isSoundByItself(jws), "one verifier takes what the other refuses");
    // A signature may be written in several ways; what it is over may not.
    const original = signedOnce.sound.find((one) => jws.startsWith(one.slice(0, one.lastIndexOf("."))));
    promise(original !== undefined, "another content than was signed is taken");
    sameAs(verified.payload, JSON.parse(Buffer.from(original.split(".")[1] ?? "", "base64url").toString("utf8")), "the content");
    return "accepted";
  },
};
