import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readEpoch } from "../../../agent/replication/change-log-tables.ts";
import { listConflicts, readConflict } from "../../../agent/replication/conflict-journal.ts";
import { NotTheWriter, writeUnder } from "../../../agent/replication/single-writer.ts";
import { exchangeAll, OfflineReplica } from "./offline-replica.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-single-writer-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function source(): OfflineReplica {
  const path = join(folder, "first.sqlite");
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; CREATE TABLE item (key TEXT PRIMARY KEY, value TEXT NOT NULL)");
  database.close();
  return OfflineReplica.source(path);
}

function put(replica: OfflineReplica, epoch: number, key: string, value: string): void {
  writeUnder(
    replica.database,
    { epoch, untilUs: 100 },
    () => 0,
    () => {
      replica.database.run("INSERT INTO item VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", key, value);
    },
  );
}

function items(replica: OfflineReplica): Record<string, unknown> {
  return Object.fromEntries(replica.database.all("SELECT key, value FROM item ORDER BY key").map(({ key, value }) => [key, value]));
}

test("a writer that was deposed and does not know it yet loses to its successor on every node, however far its clock is ahead, and the journal has what it wrote", () => {
  using first = source();
  put(first, 4, "forwarding", "reception");
  using second = OfflineReplica.copyOf(first, join(folder, "second.sqlite"), 1);
  using third = OfflineReplica.copyOf(first, join(folder, "third.sqlite"), 2);

  put(second, 5, "forwarding", "night desk");
  // Its wall clock counts for nothing: each of these is later by the hybrid clock.
  for (const value of ["one", "two", "three"]) put(first, 4, "forwarding", value);
  put(first, 4, "absence", "until monday");
  // One hears the late writes first, the other the successor's.
  third.meet(first);
  third.meet(second);
  second.meet(third);
  exchangeAll([first, second, third]);

  // What the successor has not written is merged, as what any node held alone is.
  for (const replica of [first, second, third]) expect(items(replica)).toEqual({ absence: "until monday", forwarding: "night desk" });
  const [conflict] = listConflicts(first.database, "application", { limit: 10 });
  expect(readConflict(first.database, "application", conflict?.id ?? 0)).toMatchObject({
    winner: { epoch: 5, row: { value: "night desk" } },
    loser: { epoch: 4, row: { value: "three" } },
  });
});

test("once it has heard of a later epoch, a deposed writer cannot write any more, and nothing of the attempt stays", () => {
  using first = source();
  put(first, 4, "a", "1");
  using second = OfflineReplica.copyOf(first, join(folder, "second.sqlite"), 1);
  put(second, 5, "a", "2");
  exchangeAll([first, second]);
  expect(readEpoch(first.database)).toBe(5);
  expect(() => put(first, 4, "a", "3")).toThrow(new NotTheWriter("epoch 4 is over: another node has written under epoch 5"));
  expect(items(first)).toEqual({ a: "2" });
  put(first, 6, "a", "4");
  exchangeAll([first, second]);
  expect(items(second)).toEqual({ a: "4" });
});

test("a lease that ends while the transaction is under way takes it back", () => {
  using only = source();
  let nowUs = 0;
  const late = (): void =>
    writeUnder(
      only.database,
      { epoch: 1, untilUs: 100 },
      () => nowUs,
      () => {
        only.database.run("INSERT INTO item VALUES ('a', '1')");
        nowUs = 100;
      },
    );
  expect(late).toThrow(new NotTheWriter("the lease has ended, and was not renewed in time"));
  expect(items(only)).toEqual({});
  expect(only.changesFor(only)).toEqual([]);
});

test("epochs survive what replicas go through: a copy for a new node, and a log that has been let go", () => {
  using first = source();
  using second = OfflineReplica.copyOf(first, join(folder, "second.sqlite"), 1);
  put(first, 7, "a", "1");
  put(first, 7, "b", "1");
  exchangeAll([first, second]);
  for (const replica of [first, second]) replica.prune([first, second]);
  using third = OfflineReplica.copyOf(second, join(folder, "third.sqlite"), 2);
  expect(() => put(third, 6, "a", "2")).toThrow(NotTheWriter);
  put(third, 8, "a", "3");
  exchangeAll([first, second, third]);
  expect(items(first)).toEqual({ a: "3", b: "1" });
});
