import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type GoldenCase, goldenCases } from "./golden/cases.ts";
import { decisionOn } from "./golden/decision.ts";

const legend = `# What node a does about group default of a, b, c, by what it sees. One case a line; the right side is written by the test: vitest run -u, and read the
# difference. Unless said otherwise: order abc, everybody fit and heard, failback manual, the lease good, nothing overdue.`;

/** Only what the cases of a file differ in makes a column. */
function golden(cases: readonly GoldenCase[]): string {
  const rows = cases.map(({ view, signal }) => ({
    a: view.self,
    b: view.b,
    c: view.c,
    order: view.order,
    failback: view.failback,
    lease: view.lease,
    votes: view.votes,
    look: view.look,
    time: view.isTimeUp ? "is up" : "left",
    signal,
    decision: decisionOn(view, signal),
  }));
  const columns = (["a", "b", "c", "order", "failback", "lease", "votes", "look", "time", "signal"] as const).filter(
    (column) => new Set(rows.map((row) => row[column])).size > 1,
  );
  const widths = columns.map((column) => Math.max(column.length, ...rows.map((row) => row[column].length)));
  const line = (cells: readonly string[], last: string): string =>
    `${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("  ")}  => ${last}`;
  const lines = rows.map((row) =>
    line(
      columns.map((column) => row[column]),
      row.decision,
    ),
  );
  return [legend, "", line(columns, "decision"), ...lines, ""].join("\n");
}

describe("golden decisions", () => {
  it("are many", () => {
    expect(Object.values(goldenCases).flat().length).toBeGreaterThanOrEqual(300);
  });

  it.each(Object.entries(goldenCases))("%s", async (state, cases) => {
    await expect(golden(cases)).toMatchFileSnapshot(join(import.meta.dirname, "golden", `${state}.txt`));
  });

  it("no group that is well moves by itself, unless to a node that is better", () => {
    const wellHeld = Object.values(goldenCases)
      .flat()
      .filter(({ view, signal }) => signal === "time" && view.state === "operational" && ["fit", "quarantined"].includes(view.self));
    const moves = wellHeld.filter(({ view }) => view.lease === "good" && !decisionOn(view, "time").startsWith("stays"));
    expect(moves.length).toBeGreaterThan(0);
    for (const { view } of moves) expect(view, decisionOn(view, "time")).toMatchObject({ order: "bac", failback: "due", b: "fit" });
  });
});
