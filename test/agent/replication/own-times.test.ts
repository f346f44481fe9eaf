import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Replica } from "../../../agent/replication/replica.ts";
import type { ClusterId, NodeId } from "../../../shared/domain/ids.ts";
import { wallMsOf } from "../../../shared/domain/replication/hybrid-clock.ts";
import { seqIn } from "../../../shared/domain/replication/version-vector.ts";
import { createMusicShop, openShop } from "./music-shop.ts";

const hourMs = 3_600_000;
const nodeId = "node_00000000000000000000" as NodeId;
let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-times-"));
  path = join(folder, "application.sqlite");
  createMusicShop(path);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The agent's start; this machine's clock is so much ahead of the one that the cluster goes by. */
function start(aheadMs: number): Replica {
  const replica = new Replica(path, { clusterId: "clus_00000000000000000000" as ClusterId, dataSet: "application", nodeId, local: [] });
  setAhead(replica, aheadMs);
  return replica;
}

function setAhead(replica: Replica, aheadMs: number): void {
  replica.times.clock = { offsetMs: Date.now() - performance.now() - aheadMs, skewMsMax: 15_000 };
}

function write(name: string): void {
  using shop = openShop(path);
  shop.prepare("INSERT OR REPLACE INTO setting VALUES (?, 1)").run(name);
}

/** By how much each write in the log is ahead of the machine's clock, in milliseconds. */
function times(): number[] {
  using shop = openShop(path);
  return shop
    .prepare("SELECT hlc FROM _understudy_log ORDER BY n")
    .all()
    .map(({ hlc }) => wallMsOf(Number(hlc)) - Date.now());
}

const everything = { after: 0, peerHas: {}, givenUpTo: null };

it("a clock is an hour ahead: what is written is dated by the clock that counts before it can be read for anybody", () => {
  const replica = start(0);
  replica.becomeSource();
  replica.look();
  setAhead(replica, hourMs);
  for (const name of ["one", "two", "three"]) write(name);
  expect(replica.isTellable).toBe(true);
  expect(replica.look()).toBe(true);
  expect(replica.isTellable).toBe(true);
  const found = times();
  expect(found.every((ms) => Math.abs(ms + hourMs) < 10_000)).toBe(true);
  expect(found).toEqual(found.toSorted((one, other) => one - other));
  const { changes } = replica.read({ ...everything, upTo: replica.view.logEnd });
  expect(changes).toHaveLength(3);
  // The next write is dated by the machine again, and after the others all the same.
  write("four");
  replica.look();
  expect(times()).toHaveLength(4);
  expect(times().every((ms) => Math.abs(ms + hourMs) < 10_000)).toBe(true);
  replica.close();
});

it("what has been read for others keeps its time, whatever is found out about the clock afterwards", () => {
  const replica = start(0);
  replica.becomeSource();
  write("told");
  replica.look();
  expect(replica.read({ ...everything, upTo: replica.view.logEnd }).changes).toHaveLength(1);
  setAhead(replica, hourMs);
  write("not told");
  replica.look();
  const [told, other] = times();
  expect(Math.abs(told ?? Number.NaN)).toBeLessThan(10_000);
  // It comes after what was told, so it is dated after it.
  expect(other).toBeGreaterThanOrEqual(told ?? Number.NaN);
  expect(other).toBeLessThan(10_000);
  replica.close();
});

it("rows wait for others to make room, so own writes are absorbed at each look: what the application writes at that very moment is dated, too", () => {
  const replica = start(0);
  replica.becomeSource();
  {
    using shop = openShop(path);
    shop.exec("INSERT INTO _understudy_displaced (tbl, key, shape, hlc, origin, row) VALUES ('playlist', x'00', 0, 0, 0, x'00')");
  }
  setAhead(replica, hourMs);
  write("seen by the look");
  // Between what the look has read and its absorbing.
  vi.spyOn(replica.times, "canDate", "get").mockImplementationOnce(() => {
    write("at that very moment");
    return true;
  });
  replica.look();
  replica.look();
  expect(times()).toHaveLength(2);
  expect(times().every((ms) => Math.abs(ms + hourMs) < 10_000)).toBe(true);
  replica.close();
});

it("the agent was away while the clock was wrong: an earlier run may have told of what it finds, so that counts under a new origin", () => {
  const before = start(0);
  before.becomeSource();
  const first = before.view.origin;
  before.close();
  write("while the agent was away");
  const replica = start(hourMs);
  replica.look();
  replica.look();
  const { origin, vector } = replica.view;
  expect(origin).not.toBe(first);
  expect(origin === null ? 0 : seqIn(vector, origin)).toBe(1);
  expect(times().every((ms) => ms < -hourMs + 10_000)).toBe(true);
  replica.close();
});

it("so it does where changes of others come, or it is to be sealed, before the next look", () => {
  for (const meanwhile of [(replica: Replica) => replica.apply([]), (replica: Replica) => replica.seal()]) {
    const before = start(0);
    before.look();
    if (!before.following) before.becomeSource();
    const first = before.view.origin;
    before.close();
    write(`before ${String(meanwhile)}`);
    const replica = start(hourMs);
    replica.look();
    meanwhile(replica);
    expect(replica.view.origin).not.toBe(first);
    expect(times().every((ms) => ms < -hourMs + 10_000)).toBe(true);
    replica.close();
  }
});

it("nobody else's clock is known yet: nothing is dated, and nothing is given away as a copy", () => {
  const replica = start(0);
  replica.becomeSource();
  replica.times.clock = null;
  write("early");
  replica.look();
  expect(replica.times.canDate).toBe(false);
  expect(replica.times.canBeCopied).toBe(false);
  expect(times().every((ms) => Math.abs(ms) < 10_000)).toBe(true);
  replica.close();
});

it("of what this node made itself no more is read than may be given; of the others' everything is", () => {
  const replica = start(0);
  replica.becomeSource();
  for (const name of ["one", "two", "three"]) write(name);
  replica.look();
  const { origin, logEnd } = replica.view;
  if (origin === null) throw new Error("the replica has no origin");
  const read = replica.read({ ...everything, upTo: logEnd, givenUpTo: { [origin]: 2 } });
  expect(read.changes.map(({ seq }) => seq)).toEqual([1, 2]);
  expect(read.readTo).toBe(logEnd);
  replica.close();
});
