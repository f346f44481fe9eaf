import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { NodeIdentity } from "../../../agent/link/identity.ts";
import { createIdentity } from "../../../agent/link/make-identity.ts";
import { rehearseSaying } from "../../../agent/link/rehearsal.ts";
import { dataPaths } from "../../../agent/storage/data-directory.ts";
import { testDocument, testNode } from "../cluster-signer.ts";

describe("the rehearsal of a hand-back", () => {
  let folder = "";
  let identity: NodeIdentity;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "understudy-rehearsal-"));
    identity = await createIdentity(dataPaths(folder));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const document = () =>
    testDocument([1, 2].map((number) => testNode(number, identity.certificateSha256, { heartbeat: 1, replication: 1 })));

  it("goes the whole way, over TLS, to itself and nobody else", async () => {
    expect(await rehearseSaying(identity, document())).toBe(true);
  });

  it("what does not come about is no failure, only no rehearsal", async () => {
    const stranger = { ...identity, certificateSha256: "0".repeat(64) };
    expect(await rehearseSaying(stranger, document())).toBe(false);
  });
});
