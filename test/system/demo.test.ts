import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createForeignKeyDatabase } from "./foreign-key-database.ts";

const root = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);

async function demo(...options: string[]): Promise<{ stdout: string; stderr: string }> {
  return run("npm", ["run", "--silent", "demo", "--", ...options], { cwd: root, timeout: 170_000 });
}

/** What two runs of the demonstration have in common: everything but the numbers and their units. */
function withoutNumbers(text: string): string[] {
  return text
    .split("\n")
    .map((line) =>
      line
        .replaceAll(/\d+(\.\d+)?/g, "N")
        .replaceAll(/\bN m?s\b/g, "N")
        .replaceAll(/\s+/g, " ")
        .trim(),
    )
    .filter((line) => line !== "" && !/receiving-snapshot|waiting-for-database/.test(line));
}

describe("system: the demonstration", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "understudy-test-"));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("a database of the customer's own with foreign keys: one JSON object, nothing lost, one verified alert", async () => {
    const database = join(folder, "music.sqlite");
    createForeignKeyDatabase(database);
    const { stdout } = await demo("--json", "--database", database);
    const result = JSON.parse(stdout) as Record<string, unknown>;
    expect(result).toMatchObject({
      rowsLost: 0,
      replicasEqual: true,
      alertsDelivered: 1,
      signatures: { snsValidator: "accepted", snsPayloadValidator: "accepted" },
    });
    expect(result["rowsWritten"]).toBeGreaterThan(100);
    expect(result["rowsMergedOnReturn"]).toBeGreaterThanOrEqual(1);
    for (const time of ["takeoverMs", "alertMs", "catchUpMs"]) expect(result[time]).toBeGreaterThan(0);
  });

  // A machine that is busy with something else may move the service before its time: then the story is another one, once.
  it("the sample database: the story is the transcript in the README, but for its numbers", { retry: 1 }, async () => {
    const { stdout } = await demo();
    const transcript = /<!-- transcript -->\s*```text\n([\s\S]*?)```/.exec(readFileSync(join(root, "README.md"), "utf8"))?.[1];
    expect(transcript).toBeDefined();
    expect(withoutNumbers(stdout)).toEqual(withoutNumbers(transcript ?? ""));
  });

  it("a database that is not there: refused with the reason before anything starts", async () => {
    await expect(demo("--database", join(folder, "nothing.sqlite"))).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining("There is no file") as string,
    });
  });
});
