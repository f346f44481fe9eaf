import { beforeAll, describe, expect, it } from "vitest";
import type { Stores } from "../../functions/store/stores.ts";
import { randomId } from "../../functions/use-cases/random-id.ts";
import type { ClusterId } from "../../shared/domain/ids.ts";
import type { ClusterSummary } from "../../shared/domain/monitoring/cluster-summary.ts";
import { healthySample, sampleSummary } from "../functions/console/sample-cluster.ts";

export function summaryStoreContract(open: () => Stores): void {
  let summaries: Stores["summaries"];
  beforeAll(() => {
    ({ summaries } = open());
  });

  describe("summaries", () => {
    it("of two that have read the same version one is kept, and the other is told", async () => {
      const clusterId = randomId("clus");
      expect(await summaries.find(clusterId)).toBeUndefined();
      expect(await summaries.save({ summary: summary(clusterId, 0), version: 1 })).toBe("saved");
      expect(await summaries.save({ summary: summary(clusterId, 0, "late"), version: 1 })).toBe("overtaken");
      const second = { summary: summary(clusterId, 1, "second"), version: 2 };
      expect(await summaries.save(second)).toBe("saved");
      expect(await summaries.save({ summary: summary(clusterId, 2, "late"), version: 2 })).toBe("overtaken");
      expect(await summaries.find(clusterId)).toEqual(second);
    });

    it("the list has every change that was saved before it was asked for, also one that came late, and is the same where none was", async () => {
      const [one, other] = [randomId("clus"), randomId("clus")];
      await summaries.save({ summary: summary(one, 0), version: 1 });
      expect(await reasonsOf(summaries, one, other)).toEqual([["all is well"], []]);
      // Its writer took the time three seconds ago, and was held up.
      await summaries.save({ summary: summary(other, -3, "late"), version: 1 });
      await summaries.save({ summary: summary(one, 1, "ill"), version: 2 });
      expect(await reasonsOf(summaries, one, other)).toEqual([["ill"], ["late"]]);
      expect(await summaries.list()).toBe(await summaries.list());
    });

    it("one that is removed is off the list, can be saved by nobody any more, and is forgotten where it was known", async () => {
      const [gone, stays] = [randomId("clus"), randomId("clus")];
      for (const clusterId of [gone, stays]) await summaries.save({ summary: summary(clusterId, 0), version: 1 });
      expect(await reasonsOf(summaries, gone, stays)).toEqual([["all is well"], ["all is well"]]);
      await summaries.remove(gone);
      await summaries.remove(gone);
      expect(await reasonsOf(summaries, gone, stays)).toEqual([[], ["all is well"]]);
      expect(await summaries.find(gone)).toBeUndefined();
      for (const version of [1, 2]) expect(await summaries.save({ summary: summary(gone, 1), version })).toBe("overtaken");
      await summaries.remove(randomId("clus"));
    });

    it("asked by many at once while others write: each has what was saved before it asked", async () => {
      const ids = Array.from({ length: 12 }, () => randomId("clus"));
      await Promise.all(
        ids.map(async (clusterId) => {
          await summaries.save({ summary: summary(clusterId, 0), version: 1 });
          expect(await reasonsOf(summaries, clusterId)).toEqual([["all is well"]]);
        }),
      );
    });
  });
}

function summary(clusterId: ClusterId, seconds: number, reason = "all is well"): ClusterSummary {
  const made = sampleSummary(healthySample({ nodeNames: ["node-a", "node-b"] }));
  return { ...made, clusterId, status: { ...made.status, reason }, changedAt: new Date(Date.now() + seconds * 1_000).toISOString() };
}

async function reasonsOf(summaries: Stores["summaries"], ...wanted: readonly ClusterId[]) {
  const all = await summaries.list();
  return wanted.map((one) => all.filter(({ clusterId }) => clusterId === one).map(({ status }) => status.reason));
}
