import type { DriftAnswer } from "../compare/drift-request.ts";
import { printable } from "./printable.ts";
import { table } from "./table.ts";

/** For people: with whom what was compared, and what differs. */
export function driftSaid({ compared, drifts }: DriftAnswer, nameOf: (node: string) => string): string {
  const compares = compared.map(({ dataSet, peer, tables, rows, unjudgedRows, problem }) => [
    dataSet,
    nameOf(peer),
    String(tables),
    String(rows),
    String(unjudgedRows),
    problem ?? "-",
  ]);
  const listed = table(["DATA SET", "COMPARED WITH", "TABLES", "ROWS", "TOO BUSY TO SAY", "PROBLEM"], compares);
  if (drifts.length === 0) return `${listed}\n\nNo row has drifted.`;
  const found = drifts.map((drift) => [
    drift.dataSet,
    printable(drift.table),
    printable(drift.from === drift.to ? drift.from : `${drift.from} to ${drift.to}`),
    String(drift.rows),
    drift.others.map(nameOf).join(", "),
    String(drift.repaired),
    String(drift.wrongHere),
    String(drift.rightHere),
    drift.silent.length === 0 ? String(drift.undecided) : `${drift.undecided} (waits for ${drift.silent.map(nameOf).join(", ")})`,
  ]);
  const heading = ["DATA SET", "TABLE", "KEYS", "ROWS", "DIFFERENT ON", "REPAIRED HERE", "WRONG HERE", "RIGHT HERE", "UNDECIDED"];
  return `${listed}\n\n${table(heading, found)}\n\nWhat was replaced here: understudy agent conflicts list.`;
}
