import { describe, expect, it } from "vitest";
import type { Stores } from "../../functions/store/stores.ts";
import { randomId } from "../../functions/use-cases/random-id.ts";
import { firstVotes } from "../../shared/domain/witness/cloud-votes.ts";

/** What every adapter of the port that keeps the control plane's votes must do. */
export function witnessStoreContract(stores: () => Stores): void {
  describe("votes of the control plane", () => {
    it("of many that replace the same revision one does; the others change nothing", async () => {
      const { witness } = stores();
      const [clusterId, first] = [randomId("clus"), firstVotes(randomId("node"))];
      expect(await witness.find(clusterId)).toBeUndefined();
      expect(await witness.replace(clusterId, { ...first, revision: 1 })).toBe(false);
      await witness.begin(clusterId, first);
      const racers = Array.from({ length: 10 }, (_, actsOn) => ({ ...first, revision: 1, actsOn }));
      const won = await Promise.all(racers.map((votes) => witness.replace(clusterId, votes)));
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(await witness.find(clusterId)).toEqual(racers[won.indexOf(true)]);
      await witness.begin(clusterId, first);
      expect(await witness.find(clusterId)).toEqual(racers[won.indexOf(true)]);
    });

    it("another witness begins anew, and the one before cannot go on", async () => {
      const { witness } = stores();
      const [clusterId, before, after] = [randomId("clus"), firstVotes(randomId("node")), firstVotes(randomId("node"))];
      await witness.begin(clusterId, before);
      await witness.begin(clusterId, after);
      expect(await witness.replace(clusterId, { ...before, revision: 1 })).toBe(false);
      expect(await witness.find(clusterId)).toEqual(after);
    });
  });
}
