import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { Command } from "commander";
import { z } from "zod";
import { parseCall } from "../parse-call.ts";
import { securityRules, type TestName } from "./rules.ts";
import { documentPath, keyOf, type LastRun, lastRunPath, withTables } from "./security-document.ts";

const root = resolve(import.meta.dirname, "../..");
const report = z.object({
  testResults: z.array(z.object({ name: z.string(), assertionResults: z.array(z.object({ title: z.string(), status: z.string() })) })),
});

parseCall(
  new Command("npm run security --")
    .description("Runs the tests of every security rule, and writes what came of them into shared/SECURITY.md.")
    .addHelpText("after", "\nEnds with 1 where a test fails; the document then says which rule."),
);

const tests = securityRules.flatMap((rule) => rule.tests);
const folder = mkdtempSync(join(tmpdir(), "understudy-security-"));
const output = join(folder, "report.json");
const files = [...new Set(tests.map(([file]) => file))];
const { status } = spawnSync(
  process.execPath,
  [
    join(root, "node_modules/vitest/vitest.mjs"),
    "run",
    "--config",
    "test/vitest.config.ts",
    "--reporter=default",
    "--reporter=json",
    `--outputFile=${output}`,
    ...files,
  ],
  { cwd: root, stdio: "inherit" },
);
const { testResults } = report.parse(JSON.parse(readFileSync(output, "utf8")));
rmSync(folder, { recursive: true });

/** `%s` and `$name` stand for what the test's table has there. */
function isNamed(title: string, name: string): boolean {
  const pattern = name.split(/%[sdo]|\$\w+/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${pattern.join(".*")}$`, "s").test(title);
}

function resultOf([file, name]: TestName): LastRun["results"][string] {
  const statuses = testResults
    .filter((result) => relative(root, result.name) === file)
    .flatMap(({ assertionResults }) => assertionResults.filter(({ title }) => isNamed(title, name)).map((result) => result.status));
  const count = (wanted: readonly string[]) => statuses.filter((one) => wanted.includes(one)).length;
  return { passed: count(["passed"]), failed: count(["failed"]), skipped: count(["skipped", "pending", "todo", "disabled"]) };
}

const lastRun: LastRun = {
  on: new Date().toISOString().slice(0, 10),
  results: Object.fromEntries(tests.map((test) => [keyOf(test), resultOf(test)])),
};
writeFileSync(lastRunPath, `${JSON.stringify(lastRun, null, 2)}\n`);
writeFileSync(documentPath, withTables(readFileSync(documentPath, "utf8")));
spawnSync(join(root, "node_modules/.bin/biome"), ["format", "--write", lastRunPath], { cwd: root, stdio: "ignore" });
process.exitCode = status ?? 1;
