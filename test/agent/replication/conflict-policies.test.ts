import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { compareReplicas } from "../../../agent/replication/compare-replicas.ts";
import { ConflictDesk } from "../../../agent/replication/conflict-desk.ts";
import type { ConflictDetail, ConflictLine, ConflictRequest } from "../../../agent/replication/conflict-record.ts";
import { countOpen } from "../../../agent/replication/rival-rows.ts";
import type { TableConflicts } from "../../../shared/domain/replication/conflict-policy.ts";
import { openShop } from "./music-shop.ts";
import { exchangeAll, nodeAt, type OfflineReplica } from "./offline-replica.ts";
import { seededRandom, shopAtRandom } from "./random-shopping.ts";
import { type ThreeShops, threeShops, writeLater } from "./three-shops.ts";

const priority = (table: string, ...nodes: readonly number[]): TableConflicts => ({ table, policy: "priority", order: nodes.map(nodeAt) });
const manual = (table: string): TableConflicts => ({ table, policy: "manual" });

let folder = "";
let paths: string[] = [];
let replicas: OfflineReplica[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-policies-"));
});
afterEach(() => {
  for (const replica of replicas) replica[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

function three(...conflicts: readonly TableConflicts[]): ThreeShops["replicas"] {
  const shops = threeShops(folder, conflicts);
  paths = [...shops.paths];
  replicas = [...shops.replicas];
  return shops.replicas;
}

const writes = (server: number, sql: string): void => writeLater(paths[server] ?? "", sql);

const theme = (replica: OfflineReplica): unknown =>
  replica.database.get("SELECT value FROM setting WHERE name = 'theme'")?.["value"] ?? "none";
const setTheme = (value: string): string => `UPDATE setting SET value = '${value}' WHERE name = 'theme'`;
const open = (): number[] => replicas.map(({ database }) => countOpen(database));
const ask = async (server: number, request: ConflictRequest): Promise<unknown> =>
  new ConflictDesk(() => [{ name: "application", path: paths[server] ?? "", following: true, identity: {} }]).answer(request);
const openLines = async (server: number): Promise<readonly ConflictLine[]> =>
  (await ask(server, { kind: "list", limit: 50, open: true })) as readonly ConflictLine[];

test("priority: the node that comes first wins over a later write, on every replica; what lost is in every journal", async () => {
  const all = three(priority("setting", 1, 0));
  writes(1, setTheme("of the second"));
  writes(2, setTheme("of a node that is not listed"));
  writes(0, setTheme("of the first"));
  exchangeAll(all);
  expect(all.map(theme)).toEqual(["of the second", "of the second", "of the second"]);
  for (const server of [0, 1, 2]) {
    const lines = (await ask(server, { kind: "list", limit: 50 })) as readonly ConflictLine[];
    const losers = await Promise.all(lines.map(async ({ id }) => (await ask(server, { kind: "show", id })) as ConflictDetail));
    expect(losers.map(({ loser }) => loser.row?.["value"])).toEqual(
      expect.arrayContaining(["of a node that is not listed", "of the first"].filter((value) => value !== undefined)),
    );
    expect(lines.every(({ isOpen, settledAt }) => !isOpen && settledAt === null)).toBe(true);
  }
});

test("priority: a write made in knowledge of the preferred one stands, and of two that knew different ones the rest decides alike everywhere", () => {
  const [first, second, third] = three(priority("setting", 0, 1, 2));
  writes(0, setTheme("a"));
  writes(1, setTheme("b"));
  // The third knows the first's alone, and writes over it: now the second's is preferred, which had lost to what is gone.
  third.meet(first);
  writes(2, setTheme("c, after a"));
  second.meet(first);
  expect(theme(second)).toBe("a");
  exchangeAll([first, second, third]);
  expect([first, second, third].map(theme)).toEqual(["b", "b", "b"]);
  writes(2, setTheme("c, after all"));
  exchangeAll([first, second, third]);
  expect([first, second, third].map(theme)).toEqual(["c, after all", "c, after all", "c, after all"]);
  expect(replicas.map(({ database }) => database.number("SELECT count(*) FROM _understudy_rival"))).toEqual([0, 0, 0]);
});

test("manual: the earlier write stays, the later one waits on every node, over pruning and a change of policy; kept on one node, it is settled on all", async () => {
  const all = three(manual("setting"));
  writes(2, setTheme("earlier"));
  writes(0, setTheme("later"));
  writes(0, "INSERT INTO setting VALUES ('font', 1)");
  exchangeAll(all);
  exchangeAll(all);
  for (const replica of all) replica.prune(all);
  for (const replica of all) replica.declare([]);
  expect([all.map(theme), open()]).toEqual([
    ["earlier", "earlier", "earlier"],
    [1, 1, 1],
  ]);
  expect(all.map(({ database }) => database.number("SELECT count(*) FROM _understudy_log"))).toEqual([0, 0, 0]);
  const [line, ...others] = await openLines(1);
  expect(others).toEqual([]);
  const kept = (await ask(1, { kind: "resolve", id: line?.id ?? 0, decision: "keep" })) as ConflictDetail;
  expect(kept).toMatchObject({ isOpen: false, settledBy: "kept", now: { name: "theme", value: "earlier" } });
  exchangeAll(all);
  expect([all.map(theme), open()]).toEqual([
    ["earlier", "earlier", "earlier"],
    [0, 0, 0],
  ]);
  const [elsewhere] = (await ask(0, { kind: "list", limit: 1 })) as readonly ConflictLine[];
  expect(elsewhere).toMatchObject({ isOpen: false, settledBy: "overwritten" });
  await expect(ask(1, { kind: "resolve", id: line?.id ?? 0, decision: "take" })).rejects.toThrow(/was settled already, at .* \(kept\)/);
  expect(compareReplicas(paths).equal).toBe(true);
});

test("manual: of three writes one is taken, a deletion among them, and the others are settled with it", async () => {
  const all = three(manual("setting"));
  writes(0, setTheme("earliest"));
  writes(1, "DELETE FROM setting WHERE name = 'theme'");
  writes(2, setTheme("latest"));
  exchangeAll(all);
  expect([all.map(theme), open()]).toEqual([
    ["earliest", "earliest", "earliest"],
    [2, 2, 2],
  ]);
  const lines = await openLines(2);
  const details = await Promise.all(lines.map(async ({ id }) => (await ask(2, { kind: "show", id })) as ConflictDetail));
  const deletion = details.find(({ loser }) => loser.row === null);
  expect(await ask(2, { kind: "resolve", id: deletion?.id ?? 0, decision: "take" })).toMatchObject({ now: null, settledBy: "taken" });
  exchangeAll(all);
  expect([all.map(theme), open()]).toEqual([
    ["none", "none", "none"],
    [0, 0, 0],
  ]);

  // What stands is a deletion: it can be kept as well.
  writes(0, "DELETE FROM setting WHERE name = 'volume'");
  writes(1, "UPDATE setting SET value = 12 WHERE name = 'volume'");
  exchangeAll(all);
  const [waiting] = await openLines(0);
  await ask(0, { kind: "resolve", id: waiting?.id ?? 0, decision: "keep" });
  exchangeAll(all);
  expect([open(), compareReplicas(paths).equal]).toEqual([[0, 0, 0], true]);
  expect(all[1].database.get("SELECT 1 FROM setting WHERE name = 'volume'")).toBeUndefined();
});

test("manual: two decisions made apart meet as a conflict of their own; an application that writes the row in knowledge of both settles it", async () => {
  const all = three(manual("setting"));
  writes(0, setTheme("one"));
  writes(1, setTheme("two"));
  exchangeAll(all);
  for (const [server, decision] of [
    [0, "keep"],
    [1, "take"],
  ] as const) {
    const [line] = await openLines(server);
    await ask(server, { kind: "resolve", id: line?.id ?? 0, decision });
  }
  exchangeAll(all);
  expect([all.map(theme), open()]).toEqual([
    ["one", "one", "one"],
    [1, 1, 1],
  ]);
  writes(2, setTheme("three"));
  exchangeAll(all);
  expect([all.map(theme), open()]).toEqual([
    ["three", "three", "three"],
    [0, 0, 0],
  ]);
});

test("manual: nobody is asked about two writes that come to the same", () => {
  const all = three(manual("setting"));
  writes(0, setTheme("dark"));
  writes(1, setTheme("dark"));
  exchangeAll(all);
  expect(open()).toEqual([0, 0, 0]);
});

test("where nobody is to decide, that is said; a policy that changes rewrites nothing, and counts from the next write on", async () => {
  const all = three();
  writes(0, setTheme("one"));
  writes(1, setTheme("two"));
  exchangeAll(all);
  await expect(ask(0, { kind: "resolve", id: 1, decision: "keep" })).rejects.toThrow("nobody is to decide about conflict 1");
  const before = all.map(({ database }) => database.number("SELECT max(n) FROM _understudy_log"));
  for (const replica of all) replica.declare([priority("SETTING", 0)]);
  expect(all.map(({ database }) => database.number("SELECT max(n) FROM _understudy_log"))).toEqual(before);
  writes(0, setTheme("preferred"));
  writes(1, setTheme("later"));
  exchangeAll(all);
  expect(all.map(theme)).toEqual(["preferred", "preferred", "preferred"]);
});

test("one generated key, given to two rows on two nodes: one stands, the other is re-applied under a key of its own", async () => {
  const all = three();
  writes(0, "INSERT INTO album (artist_id, title) VALUES (1, 'from the first')");
  writes(1, "INSERT INTO album (artist_id, title) VALUES (2, 'from the second')");
  exchangeAll(all);
  const [line] = (await ask(2, { kind: "list", limit: 1 })) as readonly ConflictLine[];
  expect(line).toMatchObject({ reason: "same-row", table: "album", key: [4] });
  const again = (await ask(2, { kind: "reapply", id: line?.id ?? 0, newKey: true })) as ConflictDetail;
  expect(again.reappliedAs).toBe(5);
  exchangeAll(all);
  for (const { database } of all) {
    const titles = database.all("SELECT title FROM album WHERE album_id > 3 ORDER BY title").map(({ title }) => title);
    expect(titles).toEqual(["from the first", "from the second"]);
  }
  writes(0, setTheme("one"));
  writes(1, setTheme("two"));
  exchangeAll(all);
  const [other] = (await ask(0, { kind: "list", limit: 1 })) as readonly ConflictLine[];
  await expect(ask(0, { kind: "reapply", id: other?.id ?? 0, newKey: true })).rejects.toThrow("table setting generates no keys");
});

test.each(Array.from({ length: 8 }, (_, index) => index + 1))(
  "policies that change while three servers write and meet at random, dropping what all have: all end equal, and ask the same, seed %i",
  (seed) => {
    const random = seededRandom(seed + 1_000);
    const any = <Value>(values: readonly Value[]) => values[Math.floor(random() * values.length)] as Value;
    const drawn = (): TableConflicts[] =>
      ["artist", "setting", "album", "playlist"].flatMap((table) =>
        any([[], [priority(table, 2, 1)], [priority(table, 0, 1, 2)], [manual(table)]]),
      );
    const all = three(...drawn());
    const shops = paths.map(openShop);
    for (let round = 0; round < 80; round += 1) {
      shopAtRandom(any(shops), random);
      if (random() < 0.25) {
        const [giver, taker] = [any(all), any(all)];
        if (giver !== taker) taker.meet(giver);
        if (random() < 0.3) taker.prune(all);
      }
      if (random() < 0.03) any(all).declare(drawn());
    }
    exchangeAll(all);
    exchangeAll(all);
    for (const replica of all) replica.prune(all);
    expect(all.map(({ database }) => database.number("SELECT count(*) FROM _understudy_log"))).toEqual([0, 0, 0]);
    for (const shop of shops) shop.close();
    expect(compareReplicas(paths).differences).toEqual([]);
    const asked = all.map(({ database }) =>
      database.all(
        "SELECT r.tbl, hex(r.key) AS key, r.hlc, o.name FROM _understudy_rival AS r JOIN _understudy_origin AS o ON o.id = r.origin WHERE r.open = 1 ORDER BY 1, 2, 3",
      ),
    );
    expect(asked[1]).toEqual(asked[0]);
    expect(asked[2]).toEqual(asked[0]);
  },
);
