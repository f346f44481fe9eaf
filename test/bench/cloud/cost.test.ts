import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { dynoxide } from "../../contracts/dynamo-servers.ts";
import { costTables, goalPerMonth, type SiteCost } from "./cost-document.ts";
import { messagesPerDay, monthlyCost, nodeDay } from "./cost-model.ts";
import { CountedPlane } from "./counted-plane.ts";
import { happeningsOf } from "./happenings.ts";
import { pair, reportsPerDay, type Site, three } from "./node-day.ts";

const path = join(import.meta.dirname, "../../../functions/COST.md");
const [begin, end] = ["<!-- counted -->\n\n", "\n\n<!-- counted until here -->"];

describe.skipIf(dynoxide.missing !== undefined)(
  `what a node costs${dynoxide.missing === undefined ? "" : ` (skipped: ${dynoxide.missing})`}`,
  () => {
    const costs: SiteCost[] = [];
    beforeAll(async () => {
      const counted = await CountedPlane.start(await dynoxide.start());
      try {
        for (const site of [three, pair])
          costs.push({ site, rows: nodeDay(site, await happeningsOf(counted, site.nodes, site.hasCloudWitness)) });
      } finally {
        await counted.close();
      }
    }, 150_000);
    const rowsOf = (site: Site) => costs.find((one) => one.site === site)?.rows ?? [];

    // UPDATE_COST=1 has the tables written anew: read the difference.
    it("COST.md shows what is counted now", () => {
      const document = readFileSync(path, "utf8");
      const [head = "", rest = ""] = document.split(begin);
      const now = `${head}${begin}${costTables(costs)}${end}${rest.split(end)[1] ?? ""}`;
      if (process.env["UPDATE_COST"] === "1") writeFileSync(path, now);
      else expect(document).toBe(now);
    });

    it("a node costs less than the goal, whether its cluster votes alone or with the control plane", () => {
      for (const site of [three, pair]) expect(monthlyCost(rowsOf(site)), site.what).toBeLessThan(goalPerMonth);
    });

    it("it has few messages a day, and its application's writes add none to its reports", () => {
      expect(messagesPerDay(rowsOf(three))).toBeLessThan(60);
      const reports = rowsOf(three).find(({ what }) => what === "report")?.times;
      expect(reports).toBe(reportsPerDay({ ...three, isWritten: false }));
    }, 60_000);
  },
);
