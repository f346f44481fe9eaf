import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { NodeId, OriginId } from "../../../../shared/domain/ids.ts";
import type { Change } from "../../../../shared/domain/replication/change.ts";
import type { ConflictPolicy } from "../../../../shared/domain/replication/conflict-policy.ts";
import { nextTime, timeAfterSeeing } from "../../../../shared/domain/replication/hybrid-clock.ts";
import { compareVersions, knows, standingOf } from "../../../../shared/domain/replication/merge-rule.ts";
import type { VersionVector } from "../../../../shared/domain/replication/replication-status.ts";
import { covers, seqIn } from "../../../../shared/domain/replication/version-vector.ts";

const shape = { table: "t", columns: ["k", "v"], key: [0] };

interface Write extends Change<string> {
  readonly policy?: ConflictPolicy | undefined;
}

/** A node that writes one row and hears of others' writes to it; as small as the rule it tests. */
class Writer {
  readonly origin: OriginId;
  /** The row's writes that no other write of it knows. */
  open: readonly Write[] = [];
  vector: VersionVector = {};
  hlc = 0;
  conflicts = 0;
  epochSeen = 0;

  constructor(index: number) {
    this.origin = `node_${String(index).padStart(20, "0")}:1` as OriginId;
  }

  get known(): Write | undefined {
    const [first, ...others] = this.open;
    return first === undefined ? undefined : standingOf([first, ...others]).head;
  }

  write(wallMs: number, epoch?: number, policy?: ConflictPolicy): Write {
    this.epochSeen = Math.max(this.epochSeen, epoch ?? 0);
    this.hlc = nextTime(this.hlc, wallMs);
    const seq = seqIn(this.vector, this.origin) + 1;
    const change: Write = {
      origin: this.origin,
      seq,
      hlc: this.hlc,
      epoch,
      policy,
      context: this.vector,
      shape,
      operation: "put",
      row: `${this.origin} ${seq}`,
    };
    this.vector = { ...this.vector, [this.origin]: seq };
    this.open = [change];
    return change;
  }

  hear(change: Write): void {
    if (change.seq !== seqIn(this.vector, change.origin) + 1 || !covers(this.vector, change.context)) return;
    const others = this.open.filter((one) => !knows(change, one));
    this.open = [change, ...others];
    if (others.length > 0) this.conflicts += 1;
    this.hlc = timeAfterSeeing(this.hlc, change.hlc);
    this.epochSeen = Math.max(this.epochSeen, change.epoch ?? 0);
    this.vector = { ...this.vector, [change.origin]: change.seq };
  }
}

const steps = fc.array(fc.record({ writer: fc.nat(3), wallMs: fc.nat(5), hears: fc.array(fc.nat(50), { maxLength: 6 }) }), {
  maxLength: 40,
});

test("merge: whatever the order of delivery, with clocks that stand still or go back, all nodes end with the same row", () => {
  fc.assert(
    fc.property(steps, (script) => {
      const writers = [0, 1, 2, 3].map((index) => new Writer(index));
      const log: Write[] = [];
      for (const { writer, wallMs, hears } of script) {
        const node = writers[writer] as Writer;
        for (const position of hears) if (log[position] !== undefined) node.hear(log[position]);
        log.push(node.write(wallMs));
      }
      for (const node of writers) for (let round = 0; round < 4; round += 1) for (const change of log) node.hear(change);
      expect(new Set(writers.map(({ known }) => known?.row)).size).toBe(1);
      expect(new Set(writers.map(({ vector }) => JSON.stringify(writers.map(({ origin }) => vector[origin])))).size).toBe(1);
    }),
    { numRuns: 500 },
  );
});

const tenures = fc.array(
  fc.record({ writer: fc.nat(3), epoch: fc.integer({ min: 1, max: 4 }), wallMs: fc.nat(5), hears: fc.array(fc.nat(50), { maxLength: 6 }) }),
  { maxLength: 40 },
);

test("merge: with a single writer per epoch, whoever was deposed overrules nothing of a later epoch, whatever the order of delivery and the clocks", () => {
  fc.assert(
    fc.property(tenures, (script) => {
      const writers = [0, 1, 2, 3].map((index) => new Writer(index));
      const log: Write[] = [];
      for (const { writer, epoch, wallMs, hears } of script) {
        const node = writers[writer] as Writer;
        for (const position of hears) if (log[position] !== undefined) node.hear(log[position]);
        // Its own fence: under an older epoch than it has heard of nothing is written.
        if (epoch >= node.epochSeen) log.push(node.write(wallMs, epoch));
        for (const { known, epochSeen } of writers) expect(known?.epoch ?? 0).toBe(epochSeen);
      }
      for (const node of writers) for (let round = 0; round < 4; round += 1) for (const change of log) node.hear(change);
      expect(new Set(writers.map(({ known }) => known?.row)).size).toBe(1);
      expect(writers[0]?.known).toEqual(log.toSorted(compareVersions).at(-1));
    }),
    { numRuns: 500 },
  );
});

test("merge: a write made in knowledge of the other is later than it and no conflict", () => {
  const [one, other] = [new Writer(1), new Writer(2)];
  const first = one.write(1_000);
  other.hear(first);
  const second = other.write(1);
  one.hear(second);
  expect(compareVersions(second, first)).toBeGreaterThan(0);
  expect(one.known?.row).toBe(second.row);
  expect(one.conflicts + other.conflicts).toBe(0);
});

test("merge: two writes made without knowledge of each other are a conflict on both nodes, and the higher origin wins a tie", () => {
  const [one, other] = [new Writer(1), new Writer(2)];
  const [first, second] = [one.write(7), other.write(7)];
  one.hear(second);
  other.hear(first);
  expect([one.known?.row, other.known?.row]).toEqual([second.row, second.row]);
  expect([one.conflicts, other.conflicts]).toEqual([1, 1]);
});

const ordered = (...order: readonly string[]): ConflictPolicy => ({ policy: "priority", order: order as NodeId[] });
function by(origin: string, hlc: number, context: VersionVector, policy: ConflictPolicy) {
  return { origin: origin as OriginId, seq: hlc, hlc, context, policy };
}

test("merge: what the latest of the open writes was written under decides, and an order's unlisted nodes come last, the later of them first", () => {
  const [one, other, third] = [
    by("a:1", 10, {}, ordered("a", "b")),
    by("b:1", 20, {}, ordered("b", "a")),
    by("c:1", 15, {}, { policy: "manual" }),
  ];
  expect(standingOf([one, other, third])).toEqual({ head: other, isManual: false, isByColumn: false });
  expect(standingOf([one, { ...third, hlc: 30 }])).toEqual({ head: one, isManual: true, isByColumn: false });
  expect(standingOf([by("x:1", 1, {}, ordered("a")), by("y:1", 2, {}, ordered("a"))]).head.hlc).toBe(2);
  expect(standingOf([by("a:1", 1, {}, ordered("a")), by("y:1", 2, {}, ordered("a"))]).head.hlc).toBe(1);
});

test("merge: where a restarted node's write may be one that the other knew by its older number, the later stands and not the preferred one", () => {
  const policy = ordered("a", "b");
  const anew = by("a:2", 10, { "a:1": 5 } as VersionVector, policy);
  const knowing = by("b:1", 20, { "a:1": 9 } as VersionVector, policy);
  const ignorant = by("b:1", 20, { "a:1": 5 } as VersionVector, policy);
  expect(standingOf([anew, knowing]).head).toBe(knowing);
  expect(standingOf([anew, ignorant]).head).toBe(anew);
  const afterStart = { ...anew, context: { ...anew.context, "a:2": 0 } };
  expect(standingOf([afterStart, knowing]).head).toBe(afterStart);
});
