import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { outcomeTable, withTable } from "./outcome-table.ts";
import { allSituations, type Outcome, outcomeOf, type Situation } from "./outcomes.ts";

const path = resolve(import.meta.dirname, "../../shared/domain/failover/FAILOVER.md");
const found = allSituations().map((situation): readonly [Situation, Outcome] => [situation, outcomeOf(situation)]);
const withCloud = found.filter(([{ cloud }]) => cloud === "well");

describe("host killed, link cut, witness dead, cloud cut, in every combination", () => {
  it("nothing is unsafe, and everything recovers when all is well again", () => {
    expect(found.flatMap(([, { violations }]) => violations)).toEqual([]);
    expect(found.filter(([, { runsAfter }]) => runsAfter === "nobody")).toEqual([]);
  });

  it("the cloud makes no difference", () => {
    const without = found.filter(([{ cloud }]) => cloud === "cut");
    expect(without.map(([, outcome]) => outcome)).toEqual(withCloud.map(([, outcome]) => outcome));
  });

  it("any one loss is survived, except by two nodes alone", () => {
    const single = withCloud.filter(
      ([{ cluster, killed, link, witness }]) =>
        [killed !== "nobody", link !== "whole", witness === "dead"].filter(Boolean).length === 1 && !cluster.startsWith("two nodes, "),
    );
    expect(single.length).toBeGreaterThan(6);
    expect(single.filter(([, { runs }]) => runs === "nobody")).toEqual([]);
  });

  // UPDATE_OUTCOMES=1 has the table written anew: read the difference.
  it("FAILOVER.md shows the table as it is", () => {
    const document = readFileSync(path, "utf8");
    const now = withTable(document, outcomeTable(withCloud));
    if (process.env["UPDATE_OUTCOMES"] === "1") writeFileSync(path, now);
    else expect(document).toBe(now);
  });
});
