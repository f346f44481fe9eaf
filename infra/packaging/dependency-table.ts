import type { ContainedPackage } from "./bill-of-materials.ts";

/** A table of the packages, with those that each is there for. `own`: the names that we ask for ourselves, which have reasons of their own. */
export function dependencyTable(packages: readonly ContainedPackage[], own: ReadonlySet<string>): string {
  const names = new Map(packages.map(({ path, name }) => [path, name]));
  const rows = packages.flatMap(({ path, name, version, licence }) => {
    if (own.has(name) && path === `node_modules/${name}`) return [];
    const askedBy = packages.filter(({ needs }) => needs.includes(path)).map((one) => names.get(one.path) ?? one.path);
    return [`| \`${name}\` | ${version} | ${licence ?? "not said"} | ${[...new Set(askedBy)].toSorted().join(", ")} |`];
  });
  return ["| package | version | licence | needed by |", "| --- | --- | --- | --- |", ...rows].join("\n");
}
