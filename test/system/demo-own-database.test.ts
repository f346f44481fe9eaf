import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createForeignKeyDatabase } from "./foreign-key-database.ts";
import { runDemo } from "./run-demo.ts";

describe("system: the demonstration with a database of the customer's own", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "understudy-test-"));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("which has foreign keys: one JSON object, nothing lost, one verified alert", async () => {
    const database = join(folder, "music.sqlite");
    createForeignKeyDatabase(database);
    const { stdout } = await runDemo("--json", "--database", database);
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

  it("which is not there: refused with the reason before anything starts", async () => {
    await expect(runDemo("--database", join(folder, "nothing.sqlite"))).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining("There is no file") as string,
    });
  });
});
