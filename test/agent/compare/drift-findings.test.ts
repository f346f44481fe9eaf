import { expect, it } from "vitest";
import { DriftFindings } from "../../../agent/compare/drift-findings.ts";
import type { TableDrift } from "../../../agent/compare/drift-request.ts";
import type { NodeId } from "../../../shared/domain/ids.ts";
import type { EventDetail } from "../../../shared/domain/monitoring/cluster-event.ts";
import { describeEvent } from "../../../shared/domain/monitoring/describe-event.ts";

const order = ["node_a", "node_b", "node_c"] as NodeId[];
const [a, b, c] = order as [NodeId, NodeId, NodeId];
const drift: TableDrift = {
  dataSet: "calls",
  table: "call",
  from: "12",
  to: "19",
  rows: 3,
  others: [a, c],
  repaired: 0,
  wrongHere: 0,
  rightHere: 0,
  undecided: 0,
  silent: [],
};

const nameOf = (node: NodeId): string => node.replace("_", "-");

function findingsOf(self: NodeId): { findings: DriftFindings; events: EventDetail[] } {
  const events: EventDetail[] = [];
  return { findings: new DriftFindings({ self, order: () => order, nameOf, onEvent: (event) => events.push(event) }), events };
}

it("rows are wrong here: told once for as long as it is the same, and in the status until it is over", () => {
  const { findings, events } = findingsOf(b);
  const wrong = { ...drift, wrongHere: 3 };
  for (let round = 0; round < 3; round += 1) {
    findings.found("calls", "call", a, wrong, false);
    findings.found("calls", "call", a, wrong, true);
  }
  findings.found("calls", "call", c, wrong, true);
  expect(events).toEqual([
    { kind: "data.drift", dataSet: "calls", table: "call", from: "12", to: "19", rows: 3, nodes: [a, c], repaired: 0 },
  ]);
  expect(findings.problemOf("calls")).toBe(
    "table call is not what node-a, node-c has in 3 rows (key 12 to 19): `understudy agent data repair` puts them right here, and keeps what it replaces in the conflict journal",
  );
  findings.found("calls", "call", a, undefined, true);
  findings.found("calls", "call", c, undefined, true);
  expect(findings.problemOf("calls")).toBeUndefined();
});

it("more is found while a table is walked: told at once, and with all of it at the end", () => {
  const { findings, events } = findingsOf(b);
  for (const rows of [3, 4, 5]) findings.found("calls", "call", a, { ...drift, rows, wrongHere: rows }, false);
  findings.found("calls", "call", a, { ...drift, rows: 5, wrongHere: 5 }, true);
  expect(events.map((event) => event.kind === "data.drift" && event.rows)).toEqual([3, 5]);
});

it("what is right here is the others' to tell, and what is put right is no problem any more", () => {
  const { findings, events } = findingsOf(b);
  findings.found("calls", "call", a, { ...drift, rightHere: 3 }, true);
  expect(events).toEqual([]);
  findings.found("calls", "call", a, { ...drift, repaired: 3 }, true);
  expect(events).toHaveLength(1);
  expect(findings.problemOf("calls")).toBeUndefined();
  expect(events.map((event) => describeEvent(event, b, (node) => node))).toEqual([
    "node_b put 3 rows of table call of calls (key 12 to 19) right, which were not what node_a, node_c have; what they were is in its conflict journal",
  ]);
});

it("nobody knows whose rows are wrong: the first in ring order of those that differ tells", () => {
  const undecided = { ...drift, undecided: 3, silent: [c] };
  const [first, second] = [findingsOf(a), findingsOf(b)];
  first.findings.found("calls", "call", b, { ...undecided, others: [b] }, true);
  second.findings.found("calls", "call", a, { ...undecided, others: [a] }, true);
  expect([first.events.length, second.events.length]).toEqual([1, 0]);
  expect(second.findings.problemOf("calls")).toContain("decided when node-c can be asked, or by `understudy agent data repair`");
  second.findings.forget((_, peer) => peer === a);
  expect(second.findings.problemOf("calls")).toBeUndefined();
});
