import { expect, it } from "vitest";
import { driftSaid } from "../../../agent/cli/drift-table.ts";
import type { TableDrift } from "../../../agent/compare/drift-request.ts";
import type { NodeId } from "../../../shared/domain/ids.ts";

const [a, c] = ["node_a", "node_c"] as [NodeId, NodeId];
const nameOf = (node: string): string => node.replace("_", "-");
const compared = [
  { dataSet: "calls", peer: a, tables: 2, rows: 1_200, unjudgedRows: 0, problem: null },
  { dataSet: "calls", peer: c, tables: 0, rows: 0, unjudgedRows: 0, problem: "connection refused" },
];
const drift: TableDrift = {
  dataSet: "calls",
  table: "call",
  from: "12",
  to: "19",
  rows: 3,
  others: [a],
  repaired: 0,
  wrongHere: 1,
  rightHere: 1,
  undecided: 1,
  silent: [c],
};

it("nothing has drifted: with whom what was compared, and why not all of it", () => {
  expect(driftSaid({ compared, drifts: [] }, nameOf)).toBe(
    [
      "DATA SET  COMPARED WITH  TABLES  ROWS  TOO BUSY TO SAY  PROBLEM",
      "calls     node-a         2       1200  0                -",
      "calls     node-c         0       0     0                connection refused",
      "",
      "No row has drifted.",
    ].join("\n"),
  );
});

it("rows have drifted: which, where they are otherwise, and what became of them", () => {
  expect(driftSaid({ compared: [], drifts: [drift] }, nameOf)).toContain(
    [
      "DATA SET  TABLE  KEYS      ROWS  DIFFERENT ON  REPAIRED HERE  WRONG HERE  RIGHT HERE  UNDECIDED",
      "calls     call   12 to 19  3     node-a        0              1           1           1 (waits for node-c)",
    ].join("\n"),
  );
});
