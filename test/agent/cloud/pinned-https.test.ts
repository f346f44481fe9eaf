import "reflect-metadata";
import { createHash, createPrivateKey, webcrypto } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import * as x509 from "@peculiar/x509";
import { afterEach, describe, expect, it } from "vitest";
import { openPinnedHttps } from "../../../agent/cloud/pinned-https.ts";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const hourMs = 3_600_000;

interface ControlPlane {
  /** By how much its clock differs from this server's. */
  readonly aheadMs?: number;
  /** Validity of its certificate, from now. */
  readonly from?: number;
  readonly until?: number;
}

const refusal = (message: RegExp) => ({
  code: "clock-wrong",
  message: expect.stringMatching(message) as string,
  nextStep: expect.stringMatching(/timedatectl set-ntp true.*the token has not been used/) as string,
});

/*
 * Seen from this server, a control plane whose clock is right and differs from this server's own is the same as a server whose
 * clock is wrong: what is tested here is the second.
 */
describe("a server whose clock is wrong enrols", () => {
  let server: Server | null = null;
  afterEach(() => server?.close());

  const controlPlane = async ({ aheadMs = 0, from = -hourMs, until = hourMs }: ControlPlane): Promise<{ url: string; sha256: string }> => {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned(
      {
        name: "CN=127.0.0.1",
        keys,
        notBefore: new Date(Date.now() + from),
        notAfter: new Date(Date.now() + until),
        signingAlgorithm: algorithm,
        serialNumber: "01",
        extensions: [new x509.SubjectAlternativeNameExtension([{ type: "ip", value: "127.0.0.1" }])],
      },
      webcrypto,
    );
    const exported = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
    const key = createPrivateKey({ key: exported, format: "der", type: "pkcs8" }).export({ format: "pem", type: "pkcs8" });
    server = createServer({ key, cert: certificate.toString("pem") }, (_request, response) => {
      response.setHeader("date", new Date(Date.now() + aheadMs).toUTCString());
      response.end("{}");
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const sha256 = createHash("sha256").update(new Uint8Array(certificate.rawData)).digest("hex");
    return { url: `https://127.0.0.1:${port}`, sha256 };
  };
  it("two hours slow, or fast: it says by how much, compared with whom, and that the token is unspent", async () => {
    const slow = await controlPlane({ aheadMs: 2 * hourMs });
    await expect(openPinnedHttps(slow.url, slow.sha256)).rejects.toMatchObject(refusal(/clock is 7(19|20)\d s slow compared with https:/));
    server?.close();
    const fast = await controlPlane({ aheadMs: -2 * hourMs });
    await expect(openPinnedHttps(fast.url, fast.sha256)).rejects.toMatchObject(refusal(/clock is 720\d s fast compared with https:/));
  });

  it("so slow that the control plane's certificate is not valid yet: it names its own time as the cause", async () => {
    const { url, sha256 } = await controlPlane({ from: hourMs, until: 2 * hourMs });
    await expect(openPinnedHttps(url, sha256)).rejects.toMatchObject(
      refusal(/By this server's clock \(20.*Z\) the certificate .* is not valid/),
    );
  });

  it("so fast that the certificate has expired: likewise", async () => {
    const { url, sha256 } = await controlPlane({ from: -2 * hourMs, until: -hourMs });
    await expect(openPinnedHttps(url, sha256)).rejects.toMatchObject(
      refusal(/By this server's clock \(20.*Z\) the certificate .* is not valid/),
    );
  });

  it("what is certain of the difference: nothing within a second, and the rest beyond it", async () => {
    for (const [aheadMs, least, most] of [
      [0, 0, 0],
      [20_000, 18_500, 20_000],
      [-20_000, -20_000, -18_500],
    ] as const) {
      const { url, sha256 } = await controlPlane({ aheadMs });
      const { clockAheadMs } = await openPinnedHttps(url, sha256);
      expect(clockAheadMs).toBeGreaterThanOrEqual(least);
      expect(clockAheadMs).toBeLessThanOrEqual(most);
      server?.close();
    }
  });

  it("right within a few seconds: it goes on", async () => {
    const { url, sha256 } = await controlPlane({ aheadMs: 20_000 });
    expect(await (await openPinnedHttps(url, sha256)).post("/v1/enrol", {})).toMatchObject({ status: 200, body: "{}" });
  });
});
