import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { NodeId, OriginId } from "../../../../shared/domain/ids.ts";
import { type ConflictPolicy, isByColumn } from "../../../../shared/domain/replication/conflict-policy.ts";
import { settleDisplaced } from "../../../../shared/domain/replication/displacement.ts";
import { nodeOf } from "../../../../shared/domain/replication/origin.ts";
import type { VersionVector } from "../../../../shared/domain/replication/replication-status.ts";
import { mergeWrite, noteNewest } from "../../../../shared/domain/replication/row-merge.ts";
import { seqIn } from "../../../../shared/domain/replication/version-vector.ts";
import { losersByColumns } from "../../../simulation/replication/expected-columns.ts";
import { expectedRows } from "../../../simulation/replication/expected-rows.ts";
import { type Column, type Row, type SimulatedChange, writeId } from "../../../simulation/replication/records.ts";
import { VirtualFile } from "../../../simulation/replication/virtual-file.ts";
import { VirtualTable } from "../../../simulation/replication/virtual-table.ts";
import { mixedOrder } from "./mixed-order.ts";

const byColumns: ConflictPolicy = { policy: "columns" };
const origins = ["node_a:1", "node_b:1", "node_c:1"] as OriginId[] as [OriginId, OriginId, OriginId];
const initial: readonly Row[] = [{ table: "named", key: "k1", name: null, value: 0, note: 0 }];

/** One server's table, and the writes that it has, in the order in which they came. */
class Server {
  readonly file = new VirtualFile();
  readonly log: SimulatedChange[] = [];
  readonly #table = new VirtualTable(this.file, "named", () => true);
  readonly #origin: OriginId;

  constructor(origin: OriginId) {
    this.#origin = origin;
    this.#change(() => {
      for (const row of initial) this.#table.put(row);
    });
  }

  get has(): VersionVector {
    return Object.fromEntries(this.log.map(({ origin, seq }) => [origin, seq]));
  }

  get rows(): readonly Row[] {
    return this.#table.rows().toSorted((one, other) => (one.key < other.key ? -1 : 1));
  }

  get lost(): readonly string[] {
    return [...this.file.entries("journal")].map(([, { loser }]) => `${nodeOf(loser.origin)} ${loser.hlc}`);
  }

  /** Columns that are not mentioned stay; undefined: the row goes. */
  writes(hlc: number, key: string, change: Partial<Pick<Row, Column>> | undefined, policy: ConflictPolicy | undefined = byColumns): void {
    const before = this.#table.read(key);
    // No application has one value twice where that must not be.
    if (this.rows.some((one) => one.key !== key && one.name !== null && one.name === change?.name)) return;
    const row: Row = { ...(before ?? { table: "named", key, name: null, value: hlc, note: hlc }), ...change };
    const isWaiting = [...this.file.entries("rivals")].some(([, rivals]) =>
      rivals.some((one) => one.policy !== undefined && !isByColumn(one.policy)),
    );
    const isPart = isByColumn(policy) && before !== undefined && change !== undefined && !isWaiting;
    const written = isPart ? (Object.keys(change) as Column[]) : undefined;
    const { has } = this;
    const own = { origin: this.#origin, seq: seqIn(has, this.#origin) + 1, hlc, context: has, policy };
    const write: SimulatedChange = { ...own, operation: change === undefined ? "delete" : "put", row, written };
    this.#change(() => {
      this.#note(write);
      if (change === undefined) this.#table.remove(key);
      else this.#table.put(row);
      noteNewest(this.#table, key, write, change !== undefined);
      settleDisplaced(this.#table);
    });
  }

  hear(writes: readonly SimulatedChange[]): this {
    for (const write of writes) {
      if (seqIn(this.has, write.origin) >= write.seq) continue;
      this.#change(() => {
        this.#note(write);
        mergeWrite(this.#table, write);
        settleDisplaced(this.#table);
      });
    }
    return this;
  }

  #note(write: SimulatedChange): void {
    this.log.push(write);
    this.file.set("log", String(this.log.length), write);
  }

  #change(work: () => void): void {
    this.file.begin();
    work();
    this.file.commit(true);
  }
}

const three = (): [Server, Server, Server] => [new Server(origins[0]), new Server(origins[1]), new Server(origins[2])];

function meetAll(servers: readonly Server[]): void {
  for (let round = 0; round < 2; round += 1) for (const one of servers) for (const other of servers) one.hear(other.log);
}

const step = fc.record({
  writer: fc.nat(2),
  hears: fc.option(fc.nat(2), { freq: 3 }),
  key: fc.constantFrom("k1", "k2"),
  columns: fc.constantFrom("value", "note", "both", "name", "delete"),
  name: fc.constantFrom("n1", "n2", null),
  policy: fc.nat(9),
});
const history = fc.record({ steps: fc.array(step, { maxLength: 20 }), turns: fc.array(fc.nat(2), { maxLength: 40 }) });

/** What three servers come to, each of whose writes is of its own table as it stands at the time. */
function played(
  steps: readonly (typeof step extends fc.Arbitrary<infer Step> ? Step : never)[],
  policies: readonly (ConflictPolicy | undefined)[],
) {
  const servers = three();
  for (const [position, { writer, hears, key, columns, name, policy }] of steps.entries()) {
    const server = servers[writer] as Server;
    if (hears !== null) server.hear(servers[hears]?.log ?? []);
    const hlc = position + 1;
    const changes = { value: { value: hlc }, note: { note: hlc }, both: { value: hlc, note: hlc }, name: { name }, delete: undefined };
    server.writes(hlc, key, changes[columns], policies[policy % policies.length]);
  }
  meetAll(servers);
  return servers;
}

it("in whatever order and grouping writes come, all servers end with the rows that the writes come to, and every value that lost is in every journal", () => {
  fc.assert(
    fc.property(history, ({ steps, turns }) => {
      const servers = played(steps, [byColumns, byColumns, byColumns, undefined]);
      const { log } = servers[0];
      const expected = [...expectedRows(initial, log).values()].toSorted((one, other) => (one.key < other.key ? -1 : 1));
      const fourth = new Server("node_d:1" as OriginId).hear(mixedOrder(origins, log, turns));
      for (const server of [...servers, fourth]) {
        expect(server.rows).toEqual(expected);
        for (const [, ofRow] of Map.groupBy(log, ({ row }) => row.key)) {
          const [newest] = ofRow.toSorted((one, other) => other.hlc - one.hlc);
          if (newest === undefined || !ofRow.every(({ policy }) => isByColumn(policy))) continue;
          for (const loser of losersByColumns(ofRow, newest))
            expect(server.lost, writeId(loser)).toContain(`${nodeOf(loser.origin)} ${loser.hlc}`);
        }
      }
    }),
    { numRuns: 400 },
  );
});

it("where a table went from one policy to another while servers were apart, all end alike too", () => {
  const order = ["node_c", "node_a"] as NodeId[];
  const policies = [byColumns, byColumns, { policy: "manual" }, { policy: "priority", order }, undefined] satisfies (
    | ConflictPolicy
    | undefined
  )[];
  fc.assert(
    fc.property(history, ({ steps, turns }) => {
      const servers = played(steps, policies);
      const fourth = new Server("node_d:1" as OriginId).hear(mixedOrder(origins, servers[0].log, turns));
      for (const server of [...servers.slice(1), fourth]) expect(server.rows).toEqual(servers[0].rows);
    }),
    { numRuns: 400 },
  );
});

it("two servers that change different columns apart both keep their change; of one column the later stands, and the other is in both journals", () => {
  const [first, second] = three();
  first.writes(10, "k1", { value: 10 });
  second.writes(20, "k1", { note: 20 });
  meetAll([first, second]);
  for (const { rows, lost } of [first, second]) {
    expect(rows).toMatchObject([{ value: 10, note: 20 }]);
    expect(lost).toEqual([]);
  }
  first.writes(30, "k1", { value: 30 });
  second.writes(40, "k1", { value: 40, note: 41 });
  meetAll([first, second]);
  for (const { rows, lost } of [first, second]) {
    expect(rows).toMatchObject([{ value: 40, note: 41 }]);
    expect(lost).toEqual(["node_a 30"]);
  }
});

it("a deletion stands against earlier changes of any column, and gives way to a later one, with the columns as its writer had them", () => {
  const [first, second, third] = three();
  first.writes(10, "k1", { value: 10 });
  second.writes(20, "k1", undefined);
  meetAll([first, second]);
  for (const { rows, lost } of [first, second]) expect([rows, lost]).toEqual([[], ["node_a 10"]]);
  // The third knows of neither.
  third.writes(30, "k1", { note: 30 });
  meetAll([first, second, third]);
  for (const { rows } of [first, second, third]) expect(rows).toMatchObject([{ value: 0, note: 30 }]);
});
