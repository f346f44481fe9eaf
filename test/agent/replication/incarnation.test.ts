import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { beginIncarnation } from "../../../agent/replication/begin-incarnation.ts";
import { readControl, readHeld, readOrigins, readVector } from "../../../agent/replication/change-log-tables.ts";
import { compareReplicas } from "../../../agent/replication/compare-replicas.ts";
import { adopt, initialise, type ReplicaIdentity } from "../../../agent/replication/replica-identity.ts";
import { SqliteDatabase } from "../../../agent/replication/sqlite-database.ts";
import type { NodeId } from "../../../shared/domain/ids.ts";
import { createMusicShop, openShop } from "./music-shop.ts";
import { exchangeAll, OfflineReplica } from "./offline-replica.ts";

let folder = "";
let paths: [string, string] = ["", ""];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-incarnation-"));
  paths = [join(folder, "one.sqlite"), join(folder, "two.sqlite")];
  createMusicShop(paths[0]);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, name: string): void {
  using shop = openShop(path);
  shop.prepare("INSERT OR REPLACE INTO setting VALUES (?, ?)").run(name, Math.random());
}

test("a file loses its last commits with the power, which another node has, and is written again: the lost ones come back, the new ones count anew, and both files are equal", () => {
  const [here, there] = paths;
  const kept = join(folder, "kept.sqlite");
  using two = (() => {
    using one = OfflineReplica.source(here);
    const other = OfflineReplica.copyOf(one, there, 1);
    write(here, "sealed");
    exchangeAll([one, other]);
    one.database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    copyFileSync(here, kept);
    write(here, "lost");
    write(here, "changed later");
    exchangeAll([one, other]);
    return other;
  })();
  // What the disk had when the power went, and what the application writes to it before the agent is there.
  for (const suffix of ["-wal", "-shm"]) rmSync(here + suffix, { force: true });
  copyFileSync(kept, here);
  write(here, "new");
  write(here, "changed later");
  using one = OfflineReplica.again(here, 0);
  const before = readControl(one.database);
  beginIncarnation(one.database, "node_00000000000000000000" as NodeId);
  expect(readControl(one.database)).toMatchObject({ seq: before.seq - before.sealed, sealed: 0, n: before.n });
  write(here, "newer");
  exchangeAll([one, two]);
  exchangeAll([one, two]);
  expect(compareReplicas(paths).differences).toEqual([]);
  expect(readVector(two.database)).toMatchObject(readVector(one.database));
  const names = two.database.all("SELECT name FROM setting").map(({ name }) => name);
  for (const name of ["sealed", "lost", "changed later", "new", "newer"]) expect(names).toContain(name);
});

test("a file that was copied counts anew when it is opened, however alike the machine is; one that was not goes on", () => {
  const [here] = paths;
  const boot = "one boot of the machine";
  const identity = { clusterId: "clus_00000000000000000000", dataSet: "shop", nodeId: "node_00000000000000000000", local: [], boot };
  const opened = (prepare: typeof adopt) => {
    const database = new SqliteDatabase(here);
    prepare(database, identity as unknown as ReplicaIdentity);
    const { origin, seq } = readControl(database);
    const name = readOrigins(database).get(origin)?.name;
    const held = readHeld(database);
    database.close();
    return { origin: name, seq, held };
  };
  const first = opened(initialise);
  write(here, "one");
  expect(opened(adopt)).toEqual({ ...first, seq: 1 });
  copyFileSync(here, join(folder, "kept.sqlite"));
  write(here, "two");
  rmSync(here);
  copyFileSync(join(folder, "kept.sqlite"), here);
  const again = opened(adopt);
  expect(again).toEqual({ origin: expect.not.stringMatching(first.origin ?? "") as unknown, seq: 1, held: { [first.origin ?? ""]: 1 } });
  expect(opened(adopt)).toEqual(again);
});
