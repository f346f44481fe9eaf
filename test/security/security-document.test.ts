import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { unpadded } from "../unpadded.ts";
import { securityRules } from "./rules.ts";
import { documentPath, evilTable, readLastRun, rulesTable, withTables } from "./security-document.ts";

const root = resolve(import.meta.dirname, "../..");

describe("shared/SECURITY.md", () => {
  it("every rule names tests that are there", () => {
    const missing = securityRules.flatMap(({ id, tests }) =>
      tests
        .filter(([file, name]) => !existsSync(join(root, file)) || !readFileSync(join(root, file), "utf8").includes(name))
        .map((test) => `${id}: ${test.join(" > ")}`),
    );
    expect(missing).toEqual([]);
    expect(securityRules.filter(({ tests }) => tests.length === 0)).toEqual([]);
  });

  it("nothing that was run last had failed", () => {
    expect(Object.entries(readLastRun().results).filter(([, { failed }]) => failed > 0)).toEqual([]);
  });

  it("has the rules and the evil cloud as the tests have them (UPDATE_SECURITY=1 writes them anew)", () => {
    if (process.env["UPDATE_SECURITY"] !== undefined) writeFileSync(documentPath, withTables(readFileSync(documentPath, "utf8")));
    const text = unpadded(readFileSync(documentPath, "utf8"));
    expect(text).toContain(unpadded(rulesTable(readLastRun())));
    expect(text).toContain(unpadded(evilTable()));
  });
});
