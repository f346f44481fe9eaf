import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LocalCluster } from "../agent/processes/local-cluster.ts";
import { createSalesDatabase, tenuresOf } from "../agent/processes/sales-database.ts";

const names = ["node-a", "node-b", "node-c"];
const rounds = 6;
/** About 150 ms where the machine has nothing else to do; a switchover that waits for a timer or its own time-out takes far longer. */
const medianGapMsMax = 1_000;

/* Three real agents with a data set, whose service writes to it every few milliseconds until it is told to stop. */
describe("planned switchover of a service that writes all the time", () => {
  let cluster: LocalCluster;
  let holder = "";

  beforeEach(async () => {
    cluster = await LocalCluster.create(3, { dataSets: [{ kind: "sqlite", name: "sales", local: [] }] });
    createSalesDatabase(cluster.databaseOf("node-a"));
    await cluster.startAll();
    holder = await cluster.operational();
    for (const name of names) await cluster.until(name, ({ dataSets }) => dataSets.every(({ phase }) => phase === "following"));
    for (const name of names.filter((other) => other !== holder))
      await cluster.until(name, ({ groups }) => groups[0]?.ineligible === null, 30_000);
  });
  afterEach(() => cluster.end());

  it("the successor's service is started in a moment, and begins with every sale", async () => {
    const gapsMs: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const target = names.find((name) => name !== holder && name !== names[round % 3]) ?? "";
      const { code, stderr } = await cluster.command(holder, "switchover", "--group", "default", "--to", target);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(await cluster.answersFrom([target], 10_000)).toBe(target);
      gapsMs.push(cluster.witness.gapMs(holder, target));
      const now = tenuresOf(cluster.databaseOf(target));
      const begun = now.at(-1);
      // Nothing that was sold before was still missing when this one began (R1).
      const earlier = tenuresOf(cluster.databaseOf(holder)).filter(({ life }) => life !== begun?.life);
      expect(begun?.soldBefore).toBe(earlier.reduce((sum, { sold }) => sum + sold, 0));
      holder = target;
    }
    expect(cluster.witness.overlaps()).toEqual([]);
    console.info(`planned switchover, stopped and started anew within ${gapsMs.map((gapMs) => Math.round(gapMs)).join(", ")} ms`);
    expect(gapsMs.toSorted((one, other) => one - other)[Math.floor(rounds / 2)]).toBeLessThan(medianGapMsMax);
  });
});
