import { generateKeyPairSync, sign, verify } from "node:crypto";
import { expect, it } from "vitest";
import { joinedSignature } from "../../../functions/aws/joined-signature.ts";

const { privateKey: key, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });

it("a DER signature becomes the one of JWS, whatever zeros its numbers begin with", () => {
  // One in 128 has a number that is shorter than 32 bytes.
  for (let number = 0; number < 600; number += 1) {
    const text = Buffer.from(String(number));
    const joined = joinedSignature(sign("sha256", text, key));
    expect(verify("sha256", text, { key: publicKey, dsaEncoding: "ieee-p1363" }, joined)).toBe(true);
  }
});

it("what is no such signature is refused", () => {
  const der = sign("sha256", Buffer.from("x"), key);
  const longer = Buffer.concat([der, Buffer.from([0])]);
  for (const wrong of [Buffer.alloc(0), der.subarray(1), der.subarray(0, -1), longer]) {
    expect(() => joinedSignature(wrong)).toThrow("no DER signature");
  }
});
