import { createPublicKey, verify, X509Certificate } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { proveKey, readIdentity } from "../../../agent/link/identity.ts";
import { createIdentity } from "../../../agent/link/make-identity.ts";
import { type DataPaths, dataPaths } from "../../../agent/storage/data-directory.ts";
import { enrolmentProofText } from "../../../shared/protocol/api-contract.ts";

describe("node identity", () => {
  let paths: DataPaths;
  beforeEach(() => {
    paths = dataPaths(mkdtempSync(join(tmpdir(), "understudy-identity-")));
  });
  afterEach(() => rmSync(paths.root, { recursive: true }));

  it("is made once and read again, with a key that only its owner may read", async () => {
    expect(await readIdentity(paths)).toBe(null);
    const made = await createIdentity(paths);
    expect(await readIdentity(paths)).toEqual(made);
    expect(statSync(paths.key).mode & 0o777).toBe(0o600);
    const certificate = new X509Certificate(made.certificatePem);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
  });

  it("proves its key with a signature over the token's secret", async () => {
    const made = await createIdentity(paths);
    const signature = Buffer.from(proveKey(made, "secret"), "base64url");
    const key = createPublicKey(made.certificatePem);
    expect(verify("sha256", Buffer.from(enrolmentProofText("secret")), { key, dsaEncoding: "ieee-p1363" }, signature)).toBe(true);
    expect(verify("sha256", Buffer.from(enrolmentProofText("other")), { key, dsaEncoding: "ieee-p1363" }, signature)).toBe(false);
  });

  it("a key that others may read is refused, with the command that mends it", async () => {
    await createIdentity(paths);
    chmodSync(paths.key, 0o644);
    await expect(readIdentity(paths)).rejects.toMatchObject({
      code: "data-dir-unusable",
      nextStep: expect.stringMatching(/chmod 600/) as string,
    });
  });

  it("a certificate that is missing, or another key's, is refused", async () => {
    const made = await createIdentity(paths);
    const other = await createIdentity(dataPaths(mkdtempSync(join(paths.root, "other"))));
    writeFileSync(paths.key, made.keyPem + other.certificatePem, { mode: 0o600 });
    await expect(readIdentity(paths)).rejects.toThrow(/do not belong together/);
    writeFileSync(paths.key, made.keyPem);
    await expect(readIdentity(paths)).rejects.toMatchObject({ code: "data-dir-unusable" });
  });

  it("as agents before kept it, the certificate in a file of its own, it is read as well", async () => {
    const made = await createIdentity(paths);
    writeFileSync(paths.key, made.keyPem);
    writeFileSync(paths.certificate, made.certificatePem);
    expect(await readIdentity(paths)).toEqual(made);
  });
});
