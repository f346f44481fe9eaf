import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { functionNames } from "../../infra/function-bundles.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");

/** By the command of a repository in that folder: every file that it has made, with its SHA-256. */
async function built(repository: string, outDir: string): Promise<Readonly<Record<string, string>>> {
  await run(process.execPath, [join(repository, "infra/bundle.ts"), "--json", "--out", outDir], { cwd: repository });
  const files = readdirSync(outDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name));
  return Object.fromEntries(
    paths.map((path) => [relative(outDir, path), createHash("sha256").update(readFileSync(path)).digest("hex")] as const),
  );
}

describe("the functions' bundles", () => {
  let folder = "";
  let here: Readonly<Record<string, string>> = {};
  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "understudy-functions-")));
    here = await built(root, join(folder, "here"));
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("the same sources in another folder give the same bytes, of every file and of the bill of materials", async () => {
    const copy = join(folder, "elsewhere/another");
    for (const part of ["functions", "shared", "infra", "package.json", "package-lock.json", "tsconfig.json"])
      cpSync(join(root, part), join(copy, part), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
    expect(Object.keys(here)).toEqual(expect.arrayContaining([...functionNames.map((name) => `${name}/index.mjs`), "sbom.cdx.json"]));
    expect(await built(copy, join(folder, "there"))).toEqual(here);
  }, 60_000);

  it("the bill of materials names what is bundled and what is served, with the hash of each, and nothing that only builds, tests or runs elsewhere", () => {
    const bill = JSON.parse(readFileSync(join(folder, "here/sbom.cdx.json"), "utf8")) as {
      readonly bomFormat: string;
      readonly components: readonly { readonly name: string; readonly hashes?: readonly unknown[] }[];
    };
    expect(bill.bomFormat).toBe("CycloneDX");
    const names = bill.components.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["hono", "zod", "jose", "@aws-sdk/client-dynamodb", "htmx.org", "@picocss/pico"]));
    expect(names.filter((name) => /^(vitest|esbuild|aws-cdk-lib|dynalite|oidc-provider|aedes|mqtt|classic-level)$/.test(name))).toEqual([]);
    expect(bill.components.filter(({ hashes }) => hashes?.length !== 1)).toEqual([]);
  });
});
