import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FrozenDatabase } from "../../../agent/replication/frozen-database.ts";
import { RawFiles } from "../../../agent/replication/raw-files.ts";

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-frozen-"));
  path = join(folder, "application.sqlite");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** An application of its own that adds ten rows in each transaction, changes old ones, and brings its log in now and then. */
const busyApplication = `
  const { DatabaseSync } = require("node:sqlite");
  const database = new DatabaseSync(process.argv[1], { timeout: 5000 });
  database.exec("PRAGMA wal_autocheckpoint = 50");
  console.log("writing");
  for (;;) database.exec("BEGIN; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) INSERT INTO entry (content) SELECT randomblob(900) FROM n; UPDATE entry SET content = randomblob(900) WHERE id % 97 = abs(random() % 97); COMMIT");
`;

test("frozen: while an application writes without a pause, the file that is read piece by piece is that of one instant, and sound", async () => {
  using database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; CREATE TABLE entry (id INTEGER PRIMARY KEY, content BLOB)");
  const application = spawn(process.execPath, ["-e", busyApplication, path], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    await once(application.stdout, "data");
    await sleep(300);
    let frozen: FrozenDatabase | undefined;
    while (frozen === undefined) frozen = FrozenDatabase.freeze(path, new RawFiles());
    const pieces: Buffer[] = [];
    for (let offset = 0; offset < frozen.bytes; offset += 65_536) {
      const piece = Buffer.alloc(Math.min(65_536, frozen.bytes - offset));
      expect(await frozen.read(piece, offset)).toBe(piece.length);
      pieces.push(piece);
      await sleep(5);
    }
    const rowsLater = Number(database.prepare("SELECT count(*) AS rows FROM entry").get()?.["rows"]);
    await frozen.end();
    const copy = join(folder, "copy.sqlite");
    writeFileSync(copy, Buffer.concat(pieces));
    using copied = new DatabaseSync(copy);
    expect(copied.prepare("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
    const rows = Number(copied.prepare("SELECT count(*) AS rows FROM entry").get()?.["rows"]);
    // Whole transactions of ten, and of the instant of the freezing, since which the application has gone on.
    expect(rows % 10).toBe(0);
    expect(rows).toBeGreaterThan(0);
    expect(rowsLater).toBeGreaterThan(rows);
  } finally {
    application.kill("SIGKILL");
  }
});

test("frozen: SQLite's own locks in this process outlast it: other processes still find the database in use", async () => {
  using database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; CREATE TABLE entry (id INTEGER PRIMARY KEY)");
  const locked = locksOn(path);
  expect(locked).toHaveLength(1);
  const files = new RawFiles();
  await FrozenDatabase.freeze(path, files)?.end();
  await FrozenDatabase.freeze(path, files)?.end();
  files.tidy();
  expect(locksOn(path)).toEqual(locked);
  // And this is why the file that was read stays open.
  closeSync(openSync(path, "r"));
  expect(locksOn(path)).toEqual([]);
});

/** The byte ranges that this process has locked in a file, as the kernel tells them to everybody. */
function locksOn(file: string): string[] {
  const owned = new RegExp(` ${process.pid} \\S+:${statSync(file).ino} (\\d+ \\w+)$`);
  return readFileSync("/proc/locks", "utf8")
    .split("\n")
    .flatMap((line) => owned.exec(line)?.[1] ?? []);
}

test("frozen: not where there is no write-ahead log, nor past a transaction that still reads an earlier state", () => {
  using database = new DatabaseSync(path);
  database.exec("CREATE TABLE entry (id INTEGER PRIMARY KEY)");
  expect(FrozenDatabase.freeze(path, new RawFiles())).toBeUndefined();
  database.exec("PRAGMA journal_mode = WAL; INSERT INTO entry VALUES (1); BEGIN; SELECT * FROM entry");
  database.prepare("SELECT count(*) FROM entry").get();
  using writer = new DatabaseSync(path);
  writer.exec("INSERT INTO entry VALUES (2)");
  expect(FrozenDatabase.freeze(path, new RawFiles())).toBeUndefined();
});

test("frozen: what is being read while it ends does not count, since some of it may be younger", async () => {
  using database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; CREATE TABLE entry (id INTEGER PRIMARY KEY)");
  const frozen = FrozenDatabase.freeze(path, new RawFiles());
  if (frozen === undefined) throw new Error("it could not be had");
  const reading = frozen.read(Buffer.alloc(frozen.bytes), 0);
  await frozen.end();
  await expect(reading).rejects.toThrow("is kept no longer");
});

test("frozen: a file that was moved away is given for as long as it is frozen, then let go, so that its room on the disk is free", async () => {
  const files = new RawFiles();
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; CREATE TABLE entry (id INTEGER PRIMARY KEY)");
  const frozen = FrozenDatabase.freeze(path, files);
  if (frozen === undefined) throw new Error("it could not be had");
  const before = readFileSync(path);
  rmSync(path);
  database.close();
  writeFileSync(path, "another file");
  files.tidy();
  const bytes = Buffer.alloc(frozen.bytes);
  await frozen.read(bytes, 0);
  expect(bytes.equals(before)).toBe(true);
  await frozen.end();
  expect(openFilesOf("(deleted)")).toHaveLength(1);
  files.tidy();
  expect(openFilesOf("(deleted)")).toEqual([]);
});

/** What this process has open of this test's folder. */
function openFilesOf(ending: string): string[] {
  const files = readdirSync("/proc/self/fd").map((file) => `/proc/self/fd/${file}`);
  // The listing's own is gone by now.
  const targets = files.filter((file) => existsSync(file)).map((file) => readlinkSync(file, { encoding: "utf8" }));
  return targets.filter((target) => target.startsWith(folder) && target.endsWith(ending));
}
