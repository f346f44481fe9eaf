import { describe, expect, it } from "vitest";
import type { Stores } from "../../functions/store/stores.ts";
import { randomId } from "../../functions/use-cases/random-id.ts";

/** What every adapter of the two ports about licences must do. */
export function licenceStoresContract(stores: () => Stores): void {
  describe("licences", () => {
    it("are found right after they were added", async () => {
      const clusterId = randomId("clus");
      const licence = {
        schema: 1 as const,
        licenceId: randomId("lic"),
        customerId: randomId("cust"),
        clusterId,
        nodes: 2,
        validFrom: "2026-01-01T00:00:00Z",
        validUntil: "2027-01-01T00:00:00Z",
        graceDays: 30,
      };
      expect(await stores().licences.add({ licence, signed: "jws" })).toBe("added");
      expect(await stores().licences.listOfCluster(clusterId)).toEqual([{ licence, signed: "jws" }]);
      expect(await stores().licences.listOfCluster(randomId("clus"))).toEqual([]);
      expect(await stores().licences.add({ licence, signed: "other" })).toBe("known");
      expect(await stores().licences.withdraw(clusterId, randomId("lic"), "2026-02-01T00:00:00Z")).toBe(false);
      expect(await stores().licences.isWithdrawn(clusterId, licence.licenceId)).toBe(false);
      expect(await stores().licences.withdraw(clusterId, licence.licenceId, "2026-02-01T00:00:00Z")).toBe(true);
      expect(await stores().licences.withdraw(clusterId, licence.licenceId, "2026-02-02T00:00:00Z")).toBe(false);
      expect(await stores().licences.isWithdrawn(clusterId, licence.licenceId)).toBe(true);
      expect(await stores().licences.listOfCluster(clusterId)).toEqual([]);
      expect(await stores().licences.add({ licence, signed: "jws" })).toBe("withdrawn");
    });
  });

  describe("what licences are measured against", () => {
    it("devices and hardware addresses are what was put last; other clusters have theirs", async () => {
      const [clusterId, nodeId] = [randomId("clus"), randomId("node")];
      const counts = { ipStations: 1, sipStations: 2, softClients: 3, amplifierChannels: 4, ioModules: 5 };
      expect(await stores().licenceBasis.findDevices(clusterId)).toBeUndefined();
      await stores().licenceBasis.putDevices(clusterId, { ...counts, ioModules: 0 });
      await stores().licenceBasis.putDevices(clusterId, counts);
      expect(await stores().licenceBasis.findDevices(clusterId)).toEqual(counts);
      for (const addresses of [[], ["02:00:5e:10:00:0a"]]) await stores().licenceBasis.putHardware(clusterId, nodeId, addresses);
      expect(await stores().licenceBasis.listHardware(clusterId)).toEqual(new Map([[nodeId, ["02:00:5e:10:00:0a"]]]));
      expect(await stores().licenceBasis.listHardware(randomId("clus"))).toEqual(new Map());
    });

    it("of two who tell the same change of use one is told that it was told", async () => {
      const clusterId = randomId("clus");
      for (const change of [1, 2]) {
        const told = { change, level: "near" as const };
        const both = await Promise.all([0, 1].map(() => stores().licenceBasis.putUsageTold(clusterId, told)));
        expect(both.filter((wasTold) => wasTold)).toHaveLength(1);
        expect(await stores().licenceBasis.findUsageTold(clusterId)).toEqual(told);
      }
      expect(await stores().licenceBasis.putUsageTold(clusterId, { change: 4, level: "over" })).toBe(false);
    });
  });
}
