import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Metafile } from "esbuild";

const root = resolve(import.meta.dirname, "../..");

interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly license?: string;
}

/** A package of npm, by where it lies (`node_modules/a/node_modules/b`). */
export interface ContainedPackage {
  readonly path: string;
  readonly name: string;
  readonly version: string;
  readonly licence: string | null;
  /** Of what the registry has, SHA-512 in hex. */
  readonly sha512: string | null;
  /** Where those lie that it asks for in what is bundled. */
  readonly needs: readonly string[];
}

/** What is described: its name, and packages that it has beside the bundled ones. */
export interface Product {
  readonly name: string;
  readonly description: string;
  readonly beside?: readonly string[];
}

/** The packages that something of is really in a bundle, in the order of their places. Throws where the lock file does not know one. */
export function packagesIn({ inputs, outputs }: Metafile, beside: readonly string[] = []): readonly ContainedPackage[] {
  const contained = new Set(
    Object.values(outputs).flatMap((output) =>
      Object.entries(output.inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? (packageOf(path) ?? []) : [])),
    ),
  );
  const needs = new Map([...contained, ...beside].map((path) => [path, new Set<string>()]));
  // Also by way of files that only pass on what others have, and of which nothing is left.
  for (const [path, { imports }] of Object.entries(inputs)) {
    const own = packageOf(path);
    for (const { path: imported } of imports) {
      const other = packageOf(imported);
      if (own !== null && other !== null && other !== own && contained.has(other)) needs.get(own)?.add(other);
    }
  }
  const lock = JSON.parse(readFileSync(resolve(root, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, LockedPackage>>;
  };
  return [...needs.keys()].toSorted().map((path) => {
    const locked = lock.packages[path];
    if (locked?.version === undefined)
      throw new Error(`${path} is in the bundle and not in package-lock.json: run npm ci, and build again`);
    const [, sha512] = /^sha512-(.+)$/.exec(locked.integrity ?? "") ?? [];
    return {
      path,
      name: path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length),
      version: locked.version,
      licence: locked.license ?? null,
      sha512: sha512 === undefined ? null : Buffer.from(sha512, "base64").toString("hex"),
      needs: [...(needs.get(path) ?? [])].toSorted(),
    };
  });
}

/** A bill of materials in the form of CycloneDX 1.6 (JSON). It names no time and no number of its own, so that the same sources give the same one. */
export function billOfMaterials({ name, description, beside }: Product, metafile: Metafile): string {
  const { version } = JSON.parse(readFileSync(resolve(root, "package.json"), "utf8")) as { readonly version: string };
  const packages = packagesIn(metafile, beside);
  const refs = new Map(packages.map((one) => [one.path, `${purlOf(one)}#${one.path}`]));
  const own = `${name}@${version}`;
  const bill = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: { type: "application", "bom-ref": own, name, version, description } },
    components: packages.map((one) => ({
      type: "library",
      "bom-ref": refs.get(one.path),
      name: one.name,
      version: one.version,
      ...(one.sha512 === null ? {} : { hashes: [{ alg: "SHA-512", content: one.sha512 }] }),
      ...(one.licence === null ? {} : { licenses: [{ expression: one.licence }] }),
      purl: purlOf(one),
    })),
    dependencies: [
      { ref: own, dependsOn: [...refs.values()] },
      ...packages.map((one) => ({ ref: refs.get(one.path), dependsOn: one.needs.flatMap((path) => refs.get(path) ?? []) })),
    ],
  };
  return `${JSON.stringify(bill, null, 1)}\n`;
}

/** `pkg:npm/%40scope/name@1.0.0`. */
function purlOf({ name, version }: Pick<ContainedPackage, "name" | "version">): string {
  return `pkg:npm/${name.replace(/^@/, "%40")}@${version}`;
}

/** Where the package lies that a file is of, `node_modules/NAME`; null for one of our own. */
export function packageOf(path: string): string | null {
  // Whatever leads to the repository's own folder of packages is no part of it.
  return /(?<=^|\/)node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? null;
}
