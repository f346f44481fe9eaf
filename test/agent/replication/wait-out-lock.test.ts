import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Replica } from "../../../agent/replication/replica.ts";
import { waitOutLock } from "../../../agent/replication/wait-out-lock.ts";
import type { ClusterId, NodeId } from "../../../shared/domain/ids.ts";
import { createMusicShop, openShop } from "./music-shop.ts";

let folder = "";
let path = "";
let replica: Replica;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-lock-"));
  path = join(folder, "application.sqlite");
  createMusicShop(path);
  const nodeId = "node_00000000000000000000" as NodeId;
  replica = new Replica(path, { clusterId: "clus_00000000000000000000" as ClusterId, dataSet: "application", nodeId, local: [] });
  replica.becomeSource();
});
afterEach(() => {
  replica.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The application is in the middle of a transaction when its node becomes operational. */
function inTransaction(): Disposable {
  const shop = openShop(path);
  shop.exec("BEGIN IMMEDIATE");
  return { [Symbol.dispose]: () => shop.close() };
}

function nextArtist(): number {
  using shop = openShop(path);
  return Number(shop.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'artist'").get()?.["seq"]);
}

it("generated keys jump as soon as the application's transaction is over", async () => {
  const transaction = inTransaction();
  const jumped = waitOutLock(() => replica.jumpGeneratedKeys(1), performance.now() + 10_000);
  setTimeout(() => transaction[Symbol.dispose](), 250);
  await jumped;
  expect(nextArtist()).toBeGreaterThan(1_000_000);
});

it("a lock that lasts too long is told, and nothing has changed", async () => {
  const transaction = inTransaction();
  await expect(waitOutLock(() => replica.jumpGeneratedKeys(1), performance.now() + 150)).rejects.toThrow("database is locked");
  transaction[Symbol.dispose]();
  expect(nextArtist()).toBe(3);
});

it("anything else is told at once", async () => {
  let tries = 0;
  const failing = () => {
    tries += 1;
    throw new Error("the disk is gone");
  };
  await expect(waitOutLock(failing, performance.now() + 10_000)).rejects.toThrow("the disk is gone");
  expect(tries).toBe(1);
});
