import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DurableVector } from "../../../agent/replication/durable-vector.ts";
import type { OriginId } from "../../../shared/domain/ids.ts";
import type { VersionVector } from "../../../shared/domain/replication/replication-status.ts";

const [own, other] = ["node_a:1", "node_b:1"] as OriginId[] as [OriginId, OriginId];
const vector = (mine: number, theirs: number): VersionVector => ({ [own]: mine, [other]: theirs });

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-durable-"));
  path = join(folder, "application.sqlite");
  writeFileSync(path, "");
  writeFileSync(`${path}-wal`, "");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** With the vectors that were durable at each sync's end. */
function durableVector(now: () => VersionVector): {
  readonly durable: DurableVector;
  readonly told: VersionVector[];
  readonly failures: unknown[];
} {
  const told: VersionVector[] = [];
  const failures: unknown[] = [];
  const durable: DurableVector = new DurableVector(
    path,
    () => told.push(durable.of(now(), own)),
    (error) => failures.push(error),
  );
  return { durable, told, failures };
}

test("what others sent counts once the log is synced, what this node wrote at once; what comes meanwhile goes with the next sync", async () => {
  let now = vector(1, 1);
  const { durable, told } = durableVector(() => now);
  durable.opened(true, now);
  expect(durable.of(now, own)).toBe(now);
  for (const theirs of [2, 3, 4]) {
    now = vector(theirs, theirs);
    durable.committed(now);
    expect(durable.of(now, own)).toEqual(vector(theirs, 1));
  }
  await expect.poll(() => told.length).toBe(2);
  expect(told).toEqual([vector(4, 2), vector(4, 4)]);
  // The same object while nothing changes: a look that finds nothing new costs nothing.
  expect(durable.of(now, own)).toBe(durable.of(now, own));
});

test("commits that wait for the disk themselves count at once", () => {
  const now = vector(1, 7);
  const { durable, told } = durableVector(() => now);
  durable.opened(false, vector(1, 1));
  durable.committed(now);
  expect(durable.of(now, own)).toBe(now);
  expect(told).toEqual([]);
});

test("a sync that ends after another file was opened says nothing of that one", async () => {
  const now = vector(1, 2);
  const { durable, told } = durableVector(() => now);
  durable.opened(true, vector(1, 1));
  durable.committed(vector(1, 9));
  durable.opened(true, now);
  await expect.poll(() => told.length).toBe(1);
  expect(durable.of(now, own)).toBe(now);
  expect(durable.of(vector(1, 9), own)).toEqual(now);
});

test("a disk that does not take it is told, and nothing counts as received until it does", async () => {
  const now = vector(1, 2);
  const { durable, told, failures } = durableVector(() => now);
  durable.opened(true, vector(1, 1));
  // What stands there now can be opened by nobody.
  rmSync(`${path}-wal`);
  const socket = createServer().listen(`${path}-wal`);
  await once(socket, "listening");
  durable.committed(now);
  await expect.poll(() => failures.length).toBe(1);
  expect(told).toEqual([]);
  expect(durable.of(now, own)).toEqual(vector(1, 1));
  durable.syncWhatIsLeft();
  await expect.poll(() => failures.length).toBe(2);
  socket.close();
  await once(socket, "close");
  writeFileSync(`${path}-wal`, "");
  durable.syncWhatIsLeft();
  await expect.poll(() => told.length).toBe(1);
  expect(durable.of(now, own)).toBe(now);
  durable.syncWhatIsLeft();
  expect(failures.length).toBe(2);
});
