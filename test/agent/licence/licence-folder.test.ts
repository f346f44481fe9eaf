import type { webcrypto } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CompactSign, exportJWK, generateKeyPair } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { licenceTable } from "../../../agent/cli/licence-table.ts";
import { LicenceFolder } from "../../../agent/licence/licence-folder.ts";
import type { ClusterId, CustomerId } from "../../../shared/domain/ids.ts";
import type { Licence } from "../../../shared/domain/licensing/licence.ts";
import { signatureAlgorithm, signedTypes } from "../../../shared/protocol/signatures.ts";

const nowMs = Date.UTC(2026, 5, 1);
const clusterId = `clus_${"1".repeat(20)}` as ClusterId;

function licence(number: number, change: Partial<Licence> = {}): Licence {
  return {
    schema: 1,
    licenceId: `lic_${String(number).padStart(20, "0")}`,
    customerId: `cust_${"1".repeat(20)}` as CustomerId,
    clusterId,
    nodes: 2,
    users: 64,
    validFrom: "2026-01-01T00:00:00.000Z",
    validUntil: "2026-12-31T00:00:00.000Z",
    graceDays: 30,
    ...change,
  };
}

describe("licence files on a node", () => {
  let root: string;
  let folder: LicenceFolder;
  let key: webcrypto.CryptoKey;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "us-licences-"));
    const pair = await generateKeyPair(signatureAlgorithm, { extractable: true });
    key = pair.privateKey;
    const keys = [{ ...(await exportJWK(pair.publicKey)), alg: signatureAlgorithm, kid: "one" }];
    folder = new LicenceFolder(join(root, "licences"), { clusterId, keys: { keys } });
  });
  afterAll(() => rm(root, { recursive: true }));

  async function fileOf(content: object, typ: string = signedTypes.licence): Promise<string> {
    const path = join(root, `file-${Math.trunc(performance.now() * 1_000)}`);
    const payload = new TextEncoder().encode(JSON.stringify(content));
    const signed = await new CompactSign(payload).setProtectedHeader({ alg: signatureAlgorithm, kid: "one", typ }).sign(key);
    await writeFile(path, `${signed}\n`);
    return path;
  }

  it("before any was imported there is none, and that is no error", async () => {
    expect(await folder.list()).toEqual({ held: [], refused: [] });
  });

  it("a licence of this cluster is taken with the keys of the enrolment alone, and again is no matter", async () => {
    const file = await fileOf(licence(1));
    for (let again = 0; again < 2; again += 1) expect((await folder.import(file, nowMs)).licence).toEqual(licence(1));
    expect((await folder.list()).held.map(({ term }) => term.users)).toEqual([64]);
    expect(await readFile(join(root, "licences", `${licence(1).licenceId}.licence`), "utf8")).toBe(await readFile(file, "utf8"));
  });

  it.each([
    [
      "of another cluster",
      () => fileOf(licence(2, { clusterId: `clus_${"2".repeat(20)}` as ClusterId })),
      /it is of cluster clus_2{20}, and this node belongs to clus_1{20}/,
    ],
    ["that has lapsed", () => fileOf(licence(3, { validUntil: "2026-01-02T00:00:00.000Z" })), /has lapsed: it was valid until 2026-01-02/],
    ["that is something else that was signed", () => fileOf(licence(4), signedTypes.document), /signed as understudy-cluster-document/],
    ["that says more than a licence can", () => fileOf({ ...licence(5), stopsServices: true }), /its content is no licence.*stopsServices/],
    ["that is not there", async () => join(root, "nowhere"), /nowhere cannot be read: ENOENT/],
  ])("one %s is refused with the reason", async (_situation, file, reason) => {
    const before = await folder.list();
    await expect(folder.import(await file(), nowMs)).rejects.toMatchObject({
      code: "licence-refused",
      message: expect.stringMatching(reason),
    });
    expect(await folder.list()).toEqual(before);
  });

  it("one that was changed on the disk is told, and not counted", async () => {
    const file = join(root, "licences", "odd.licence");
    const signed = await readFile(join(root, "licences", `${licence(1).licenceId}.licence`), "utf8");
    await writeFile(
      file,
      signed.replace(/\.(.)/, (_all, letter: string) => `.${letter === "A" ? "B" : "A"}`),
    );
    const { held, refused } = await folder.list();
    expect(held).toHaveLength(1);
    expect(refused).toEqual([{ file: "odd.licence", reason: "its signature does not match its content" }]);
    const report = {
      state: "valid",
      until: null,
      nodes: 2,
      licensed: { nodes: 2, users: 64 },
      licences: [{ ...licence(1), standing: "valid" }],
      refused,
      consequences: ["Goes on."],
    } as const;
    expect(licenceTable(report)).toBe(
      [
        "Licences on this node: valid; 2 of 2 nodes, 64 users licensed.",
        "Goes on.",
        "",
        "LICENCE                   STANDING  NODES  USERS  FROM        UNTIL       GRACE",
        "lic_00000000000000000001  valid     2      64     2026-01-01  2026-12-31  30 days",
        "",
        "Not counted: odd.licence: its signature does not match its content",
      ].join("\n"),
    );
  });
});
