import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { OriginId } from "../../../../shared/domain/ids.ts";
import type { ConflictPolicy } from "../../../../shared/domain/replication/conflict-policy.ts";
import { settleDisplaced } from "../../../../shared/domain/replication/displacement.ts";
import { knows, standingOf } from "../../../../shared/domain/replication/merge-rule.ts";
import type { IncomingWrite } from "../../../../shared/domain/replication/merge-table.ts";
import { nodeOf } from "../../../../shared/domain/replication/origin.ts";
import type { VersionVector } from "../../../../shared/domain/replication/replication-status.ts";
import { mergeWrite, noteNewest } from "../../../../shared/domain/replication/row-merge.ts";
import { joined, seqIn } from "../../../../shared/domain/replication/version-vector.ts";
import type { Row } from "../../../simulation/replication/records.ts";
import { VirtualFile } from "../../../simulation/replication/virtual-file.ts";
import { VirtualTable } from "../../../simulation/replication/virtual-table.ts";
import { mixedOrder } from "./mixed-order.ts";

type Write = IncomingWrite<Row>;

const origins = ["node_a:1", "node_b:1", "node_c:1"] as OriginId[] as [OriginId, OriginId, OriginId];
const [a, b] = origins;

function write(origin: OriginId, seq: number, hlc: number, key: string, name: string | null, operation: Write["operation"] = "put"): Write {
  return { origin, seq, hlc, context: {}, operation, row: { table: "named", key, name, value: hlc, note: 0 } };
}

const policies: readonly (ConflictPolicy | undefined)[] = [
  undefined,
  { policy: "priority", order: [nodeOf(origins[2]), nodeOf(origins[0])] },
  { policy: "priority", order: [nodeOf(origins[0]), nodeOf(origins[1]), nodeOf(origins[2])] },
  { policy: "manual" },
];

class Replica {
  readonly file = new VirtualFile();
  readonly table = new VirtualTable(this.file, "named", () => true);

  hear(...writes: readonly Write[]): this {
    for (const one of writes) {
      this.#change(() => {
        mergeWrite(this.table, one);
        settleDisplaced(this.table);
      });
    }
    return this;
  }

  /** By this replica's own application: the row stands before the merge hears of it. */
  writesItself(one: Write): this {
    this.#change(() => {
      if (one.operation === "put") this.table.put(one.row);
      else this.table.remove(one.row.key);
      noteNewest(this.table, one.row.key, one, one.operation === "put");
      settleDisplaced(this.table);
    });
    return this;
  }

  get rows(): Readonly<Record<string, number>> {
    const standing = this.table.rows().toSorted((one, other) => (one.key < other.key ? -1 : 1));
    return Object.fromEntries(standing.map(({ key, name, value }) => [`${key} ${name ?? "-"}`, value]));
  }

  get lost(): readonly string[] {
    return [...this.file.entries("journal")].map(([, { reason, key, loser }]) => `${reason} ${key} ${loser.hlc}`);
  }

  /** What waits for a decision. */
  get asked(): readonly string[] {
    return [...this.file.entries("rivals")]
      .flatMap(([place, rivals]) => rivals.flatMap(({ isOpen, hlc }) => (isOpen ? [`${place} ${hlc}`] : [])))
      .toSorted();
  }

  #change(work: () => void): void {
    this.file.begin();
    work();
    this.file.commit(true);
  }
}

const histories = fc
  .array(
    fc.record({
      writer: fc.nat(2),
      key: fc.constantFrom("k1", "k2", "k3", "k4"),
      name: fc.constantFrom("n1", "n2", null),
      deletes: fc.boolean(),
      turns: fc.array(fc.nat(2), { maxLength: 3 }),
      policy: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat(policies.length - 1) }),
      hears: fc.array(fc.nat(2), { maxLength: 1 }),
    }),
    { maxLength: 25 },
  )
  .chain((steps) => fc.nat(policies.length - 1).map((first) => ({ steps, first })))
  .map(({ steps, first }) => {
    const vectors: VersionVector[] = [{}, {}, {}];
    let policy = first;
    const writes = steps.map(({ writer, key, name, deletes, hears, policy: changed }, position) => {
      const origin = origins[writer] as OriginId;
      const context = hears.reduce((known, other) => joined(known, vectors[other] ?? {}), vectors[writer] ?? {});
      const seq = seqIn(context, origin) + 1;
      vectors[writer] = { ...context, [origin]: seq };
      policy = changed ?? policy;
      return { ...write(origin, seq, position + 1, key, name, deletes ? "delete" : "put"), context, policy: policies[policy] };
    });
    return { writes, turns: steps.flatMap(({ turns }) => turns) };
  });

it("whatever the order in which writes come, and by whatever policies, the same rows stand, none that share a unique value, and the same is asked", () => {
  fc.assert(
    fc.property(histories, ({ writes, turns }) => {
      const [inOrder, otherwise] = [new Replica().hear(...writes), new Replica().hear(...mixedOrder(origins, writes, turns))];
      expect(otherwise.rows).toEqual(inOrder.rows);
      expect(otherwise.asked).toEqual(inOrder.asked);
      const names = inOrder.table.rows().flatMap(({ name }) => name ?? []);
      expect(new Set(names).size).toBe(names.length);
    }),
    { numRuns: 500 },
  );
});

it("no policy lets a write win over one that was made in knowledge of it, and what stands is the choice of the rule among the rest", () => {
  fc.assert(
    fc.property(histories, ({ writes, turns }) => {
      const unnamed = writes.map((one) => ({ ...one, row: { ...one.row, name: null } }));
      const { rows } = new Replica().hear(...mixedOrder(origins, unnamed, turns));
      for (const [key, ofRow] of Map.groupBy(unnamed, ({ row }) => row.key)) {
        const [one, ...others] = ofRow.filter((write) => !ofRow.some((other) => other !== write && knows(other, write)));
        if (one === undefined) throw new Error("writes that know each other in a circle");
        const { head } = standingOf([one, ...others]);
        expect(rows[`${key} -`]).toBe(head.operation === "put" ? head.hlc : undefined);
      }
    }),
    { numRuns: 500 },
  );
});

it("the preferred one of what is left stands, also where it had lost to a write that is overwritten by somebody who did not know it", () => {
  const [, preferred] = policies;
  // The third comes first in the order, then the first; the second is not listed.
  const one = { ...write(a, 1, 30, "k1", null), policy: preferred };
  const other = { ...write(origins[2], 1, 10, "k1", null), policy: preferred };
  const after = { ...write(b, 1, 20, "k1", null), policy: preferred, context: { [origins[2]]: 1 } };
  for (const order of [
    [one, other, after],
    [other, after, one],
    [other, one, after],
  ])
    expect(new Replica().hear(...order).rows).toEqual({ "k1 -": 30 });
});

it("what waits for a decision waits until the row is written in knowledge of it, and a deletion of what is deleted asks nobody", () => {
  const asks: ConflictPolicy = { policy: "manual" };
  const replica = new Replica().hear({ ...write(a, 1, 10, "k1", null), policy: asks }, { ...write(b, 1, 20, "k1", null), policy: asks });
  expect([replica.rows, replica.asked]).toEqual([{ "k1 -": 10 }, ["named k1 20"]]);
  replica.hear({ ...write(a, 2, 30, "k1", null), policy: asks, context: {} });
  expect([replica.rows, replica.asked]).toEqual([{ "k1 -": 20 }, ["named k1 30"]]);
  replica.hear({ ...write(b, 2, 40, "k1", null), policy: asks, context: { [a]: 2 } });
  expect([replica.rows, replica.asked]).toEqual([{ "k1 -": 40 }, []]);
  const gone = new Replica().hear(
    { ...write(a, 1, 10, "k1", null, "delete"), policy: asks },
    { ...write(b, 1, 20, "k1", null, "delete"), policy: asks },
  );
  expect([gone.rows, gone.asked]).toEqual([{}, []]);
});

it("of two writes of one row that do not know of each other the later stands, and the other is in the journal, on both sides", () => {
  const [first, second] = [write(a, 1, 10, "k1", "n1"), write(b, 1, 20, "k1", "n2")];
  for (const replica of [new Replica().hear(first, second), new Replica().hear(second, first)]) {
    expect(replica.rows).toEqual({ "k1 n2": 20 });
    expect(replica.lost).toEqual(["same-row k1 10"]);
  }
});

it("a write made in knowledge of the one before it is no conflict", () => {
  const replica = new Replica().hear(write(a, 1, 10, "k1", "n1"), { ...write(b, 1, 20, "k1", "n2"), context: { [a]: 1 } });
  expect([replica.rows, replica.lost]).toEqual([{ "k1 n2": 20 }, []]);
});

it("a row that loses a unique value is kept aside, journalled, and comes back when the later one goes", () => {
  const replica = new Replica().hear(write(a, 1, 10, "k1", "n1"), write(b, 1, 20, "k2", "n1"));
  expect([replica.rows, replica.lost]).toEqual([{ "k2 n1": 20 }, ["unique-value k1 10"]]);
  replica.hear({ ...write(b, 2, 30, "k2", "n1", "delete"), context: { [a]: 1 } });
  expect(replica.rows).toEqual({ "k1 n1": 10 });
});

it("a row that this node itself writes again waits for no unique value any more", () => {
  const replica = new Replica()
    .hear(write(a, 1, 10, "k1", "n1"), write(b, 1, 20, "k2", "n1"))
    .writesItself(write(origins[2], 1, 30, "k1", "n2"));
  replica.hear({ ...write(b, 2, 40, "k2", "n1", "delete"), context: { [a]: 1 } });
  expect(replica.rows).toEqual({ "k1 n2": 30 });
});
