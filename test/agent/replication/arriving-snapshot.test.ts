import { randomBytes } from "node:crypto";
import { appendFileSync, existsSync, linkSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ArrivingSnapshot } from "../../../agent/replication/arriving-snapshot.ts";
import { sha256Of } from "../../../agent/replication/chunk-source.ts";
import { limits } from "../../../shared/config/limits.ts";

const chunkBytes = limits.replicationSnapshotChunkBytes;
const note = {
  dataSet: "application",
  snapshot: "0c5f2a8e-8f8d-4f8b-9d0e-2f6d3c1b7a90",
  lineage: "x",
  bytesTotal: 3 * chunkBytes + 100,
};
const chunks = [chunkBytes, chunkBytes, chunkBytes, 100].map((length) => randomBytes(length));

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-arriving-"));
  path = join(folder, "application.sqlite.arriving");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function write(arriving: ArrivingSnapshot, ...wanted: readonly number[]): Promise<void> {
  for (const chunk of wanted) {
    const bytes = chunks[chunk] ?? Buffer.alloc(0);
    await arriving.write(chunk, bytes, await sha256Of(bytes));
  }
}

test("arriving: chunks in any order make the file that was sent", async () => {
  const arriving = await ArrivingSnapshot.begin(path, note);
  await write(arriving, 3, 1, 0, 2);
  expect([arriving.have.isWhole, arriving.bytesDone]).toEqual([true, note.bytesTotal]);
  await arriving.close();
  expect(readFileSync(path).equals(Buffer.concat(chunks))).toBe(true);
});

test("arriving: a chunk that is not what it says it is, is refused, and is not counted", async () => {
  const arriving = await ArrivingSnapshot.begin(path, note);
  await expect(arriving.write(0, chunks[1] ?? Buffer.alloc(0), "0".repeat(64))).rejects.toThrow("chunk 0 of the snapshot is damaged");
  await expect(arriving.write(3, chunks[0] ?? Buffer.alloc(0), "0".repeat(64))).rejects.toThrow("chunk 3 of the snapshot is damaged");
  expect(arriving.have.count).toBe(0);
  await arriving.close();
});

test("arriving: taken up again after a kill, it has what it had, but for what the kill or the disk has damaged", async () => {
  const killed = await ArrivingSnapshot.begin(path, note);
  await write(killed, 0, 2, 3);
  await killed.close();
  writeSync(openSync(path, "r+"), "torn", 2 * chunkBytes + 7);
  appendFileSync(`${path}.notes`, '{"chunk":1,"sha');
  const resumed = await ArrivingSnapshot.resume(path, "application");
  expect([0, 1, 2, 3].map((chunk) => resumed?.have.has(chunk))).toEqual([true, false, false, true]);
  await resumed?.close();
});

test("arriving: what another data set or nobody has left is removed", async () => {
  expect(await ArrivingSnapshot.resume(path, "application")).toBeUndefined();
  await (await ArrivingSnapshot.begin(path, note)).close();
  expect(await ArrivingSnapshot.resume(path, "another")).toBeUndefined();
  expect([existsSync(path), existsSync(`${path}.notes`)]).toEqual([false, false]);
});

test("arriving: what was put in its place before a kill is the application's, and is not written to", async () => {
  const killed = await ArrivingSnapshot.begin(path, note);
  await write(killed, 0, 1, 2, 3);
  await killed.close();
  const place = join(folder, "application.sqlite");
  linkSync(path, place);
  appendFileSync(place, "a commit");
  expect(await ArrivingSnapshot.resume(path, "application")).toBeUndefined();
  await (await ArrivingSnapshot.begin(path, { ...note, bytesTotal: 1 })).close();
  expect(readFileSync(place).equals(Buffer.concat([...chunks, Buffer.from("a commit")]))).toBe(true);
});

test("arriving: of another snapshot it keeps what is the same there, over a second kill too, and nothing else counts", async () => {
  const earlier = await ArrivingSnapshot.begin(path, note);
  await write(earlier, 0, 1, 2);
  const other = { ...note, snapshot: "7b8f0c8a-52f4-4a3b-8a55-0d6a3a9f7c11", bytesTotal: 2 * chunkBytes };
  await (await ArrivingSnapshot.begin(path, other, earlier)).close();
  const arriving = await ArrivingSnapshot.resume(path, "application");
  const hashes = await Promise.all(chunks.map(sha256Of));
  expect([0, 1, 2].map((chunk) => arriving?.known(chunk))).toEqual([hashes[0], hashes[1], null]);
  expect(arriving?.have.count).toBe(0);
  await arriving?.keep(0, hashes[0] ?? "");
  await expect(arriving?.keep(1, hashes[0] ?? "")).rejects.toThrow("chunk 1 of the snapshot is not here");
  if (arriving !== undefined) await write(arriving, 1);
  expect(arriving?.have.isWhole).toBe(true);
  await arriving?.close();
  expect(readFileSync(path).equals(Buffer.concat(chunks.slice(0, 2)))).toBe(true);
});
