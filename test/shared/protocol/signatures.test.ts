import { CompactSign, exportJWK, generateKeyPair } from "jose";
import { describe, expect, it } from "vitest";
import { signedTypes, verifySigned } from "../../../shared/protocol/signatures.ts";

const pair = await generateKeyPair("ES256", { extractable: true });
const keys = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: "k1", alg: "ES256" }] };
const sign = (header: object, text = '{"version":1}', key: Parameters<CompactSign["sign"]>[0] = pair.privateKey) =>
  new CompactSign(new TextEncoder().encode(text)).setProtectedHeader({ alg: "ES256", ...header }).sign(key);

describe("signatures: what an agent accepts", () => {
  it("a document signed with a known key", async () => {
    const jws = await sign({ typ: signedTypes.document, kid: "k1" });
    expect(await verifySigned(signedTypes.document, jws, keys)).toEqual({ ok: true, payload: { version: 1 } });
  });

  it("a licence is no document", async () => {
    const jws = await sign({ typ: signedTypes.licence, kid: "k1" });
    expect(await verifySigned(signedTypes.document, jws, keys)).toMatchObject({ ok: false, reason: expect.stringContaining("signed as") });
  });

  it("a changed payload, a foreign key, no algorithm, a key inside the JWS, and nonsense are refused", async () => {
    const foreign = await generateKeyPair("ES256", { extractable: true });
    const good = await sign({ typ: signedTypes.document, kid: "k1" });
    const [header, , signature] = good.split(".");
    const none = Buffer.from(JSON.stringify({ alg: "none", typ: signedTypes.document })).toString("base64url");
    const payload = Buffer.from('{"version":9}').toString("base64url");
    const carried = { typ: signedTypes.document, jwk: await exportJWK(foreign.publicKey) };
    const forged = [
      `${header}.${payload}.${signature}`,
      `${none}.${payload}.`,
      await sign({ typ: signedTypes.document, kid: "k1" }, "{}", foreign.privateKey),
      await sign({ typ: signedTypes.document, kid: "k2" }, "{}", foreign.privateKey),
      await sign(carried, "{}", foreign.privateKey),
      await sign({ typ: signedTypes.document, kid: "k1" }, "no json"),
      "nonsense",
    ];
    for (const jws of forged) expect((await verifySigned(signedTypes.document, jws, keys)).ok, jws).toBe(false);
  });
});
