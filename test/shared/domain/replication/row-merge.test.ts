import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { OriginId } from "../../../../shared/domain/ids.ts";
import { type IncomingWrite, mergeWrite, noteNewest, settleDisplaced } from "../../../../shared/domain/replication/row-merge.ts";
import type { Row } from "../../../simulation/replication/records.ts";
import { VirtualFile } from "../../../simulation/replication/virtual-file.ts";
import { VirtualTable } from "../../../simulation/replication/virtual-table.ts";

type Write = IncomingWrite<Row>;

const origins = ["node_a:1", "node_b:1", "node_c:1"] as OriginId[] as [OriginId, OriginId, OriginId];
const [a, b] = origins;

function write(origin: OriginId, seq: number, hlc: number, key: string, name: string | null, operation: Write["operation"] = "put"): Write {
  return { origin, seq, hlc, context: {}, operation, row: { table: "named", key, name, value: hlc } };
}

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
    }),
    { maxLength: 25 },
  )
  .map((steps) => {
    const seqs = [0, 0, 0];
    const writes = steps.map(({ writer, key, name, deletes }, position) => {
      seqs[writer] = (seqs[writer] ?? 0) + 1;
      return write(origins[writer] as OriginId, seqs[writer], position + 1, key, name, deletes ? "delete" : "put");
    });
    return { writes, turns: steps.flatMap(({ turns }) => turns) };
  });

/** Each origin's writes in their order, mixed as `turns` says. */
function mixed(writes: readonly Write[], turns: readonly number[]): readonly Write[] {
  const waiting = origins.map((origin) => writes.filter((one) => one.origin === origin));
  const order = [...turns, ...waiting.flatMap((of, index) => of.map(() => index))];
  return order.flatMap((index) => waiting[index]?.shift() ?? []);
}

it("whatever the order in which writes come, the same rows stand, and none that share a unique value", () => {
  fc.assert(
    fc.property(histories, ({ writes, turns }) => {
      const [inOrder, otherwise] = [new Replica().hear(...writes), new Replica().hear(...mixed(writes, turns))];
      expect(otherwise.rows).toEqual(inOrder.rows);
      const names = inOrder.table.rows().flatMap(({ name }) => name ?? []);
      expect(new Set(names).size).toBe(names.length);
    }),
    { numRuns: 500 },
  );
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
