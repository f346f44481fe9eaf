import { chmodSync, chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";
import { sharedDataSettingsSchema } from "../../../agent/config/shared-data-settings.ts";
import { makeSharedDataCheck } from "../../../agent/shared-data/make-shared-data-check.ts";
import { within } from "../checks/check-settings.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-shared-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const look = (path: string): Promise<string | null> =>
  makeSharedDataCheck(sharedDataSettingsSchema.parse({ kind: "sqlite", path }), folder).look(within(20_000));

it("a file that opens and has tables is well, also while it is written; what else is there is told", async () => {
  const path = join(folder, "tariffs.sqlite");
  expect(await look(path)).toMatch(/no such file|unable to open/i);
  using database = new DatabaseSync(path);
  expect(await look(path)).toMatch(/it has no tables/);
  database.exec("PRAGMA journal_mode = WAL; CREATE TABLE tariff (id INTEGER PRIMARY KEY); BEGIN IMMEDIATE; INSERT INTO tariff VALUES (1)");
  expect(await look(path)).toBeNull();
  database.exec("COMMIT");
  const other = join(folder, "notes.txt");
  writeFileSync(other, "no database, but text that is long enough for one".repeat(20));
  expect(await look(other)).toMatch(/not a database/);
});

it.runIf(process.getuid?.() === 0)("looks as the file's owner: what SQLite makes beside it is theirs", async () => {
  const path = join(folder, "tariffs.sqlite");
  const writer = new DatabaseSync(path);
  writer.exec("PRAGMA journal_mode = WAL; CREATE TABLE tariff (id INTEGER PRIMARY KEY)");
  writer.close();
  const nobody = 65_534;
  chownSync(folder, nobody, nobody);
  chownSync(path, nobody, nobody);
  expect(await look(path)).toBeNull();
  for (const name of ["-wal", "-shm"]) expect(statSync(`${path}${name}`, { throwIfNoEntry: false })?.uid ?? nobody).toBe(nobody);
  chmodSync(path, 0o000);
  expect(await look(path)).toMatch(/unable to open/);
});
