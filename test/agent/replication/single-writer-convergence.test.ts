import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import * as fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { NotTheWriter, writeUnder } from "../../../agent/replication/single-writer.ts";
import { exchangeAll, OfflineReplica } from "./offline-replica.ts";

const folder = mkdtempSync(join(tmpdir(), "understudy-tenures-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const size = 3;
const node = fc.nat(size - 1);
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("write"), epoch: fc.integer({ min: 1, max: 7 }), key: fc.nat(2), deletes: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("meet"), taker: node, giver: node }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("prune"), node }) },
);

interface Written {
  readonly epoch: number;
  readonly value: string | undefined;
}

/** One replica for each node, all of them of one start. */
function replicas(run: number): OfflineReplica[] {
  const path = join(folder, `${run}-0.sqlite`);
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; CREATE TABLE item (key INTEGER PRIMARY KEY, value TEXT NOT NULL)");
  database.close();
  const first = OfflineReplica.source(path);
  const others = Array.from({ length: size - 1 }, (_, at) => OfflineReplica.copyOf(first, join(folder, `${run}-${at + 1}.sqlite`), at + 1));
  return [first, ...others];
}

/** Undefined where the replica refuses: it has heard of a later epoch. */
function write({ database }: OfflineReplica, epoch: number, key: number, value: string | undefined): Written | undefined {
  try {
    writeUnder(
      database,
      { epoch, untilUs: 1 },
      () => 0,
      () => {
        if (value === undefined) database.run("DELETE FROM item WHERE key = ?", key);
        else database.run("INSERT INTO item VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", key, value);
      },
    );
    return { epoch, value };
  } catch (error) {
    if (error instanceof NotTheWriter) return undefined;
    throw error;
  }
}

function items({ database }: OfflineReplica): Map<number, string> {
  return new Map(database.all("SELECT key, value FROM item ORDER BY key").map(({ key, value }) => [Number(key), String(value)]));
}

test("tenures that overlap, late writes, meetings in any order and logs that are let go: every record ends as the latest epoch that wrote it left it", () => {
  let run = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (script) => {
      run += 1;
      const all = replicas(run);
      const expected = new Map<number, Written>();
      for (const [at, action] of script.entries()) {
        if (action.kind === "meet" && "taker" in action && action.taker !== action.giver)
          all[action.taker]?.meet(all[action.giver] as OfflineReplica);
        if (action.kind === "prune" && "node" in action) all[action.node]?.prune(all);
        if (!("epoch" in action)) continue;
        const { epoch, key, deletes } = action;
        // Each epoch has one holder, as the leases see to it.
        const writer = all[epoch % size] as OfflineReplica;
        if (deletes && !items(writer).has(key)) continue;
        const written = write(writer, epoch, key, deletes ? undefined : `${epoch} ${at}`);
        if (written !== undefined && epoch >= (expected.get(key)?.epoch ?? 0)) expected.set(key, written);
      }
      exchangeAll(all);
      const left = [...expected].flatMap(([key, { value }]): [number, string][] => (value === undefined ? [] : [[key, value]]));
      for (const replica of all) {
        expect(items(replica)).toEqual(new Map(left.toSorted(([one], [other]) => one - other)));
        replica[Symbol.dispose]();
      }
    }),
    { numRuns: 40 },
  );
});
