import { describe, expect, it } from "vitest";
import { capacityOf, grantedBy, licensedNodes, usageLevel } from "../../../../shared/domain/licensing/capacity.ts";
import { deviceClasses, noDevices, usersOf } from "../../../../shared/domain/licensing/device-counts.ts";
import { day, sampleTerm } from "./sample-term.ts";

describe("licences: how much they cover", () => {
  it("packs stack: 64 and 256 users are 320", () => {
    expect(capacityOf([sampleTerm(), sampleTerm({ nodes: 1, users: 256 })])).toEqual({ nodes: 3, users: 320 });
  });

  it("those valid and in their grace count, those not begun or lapsed do not", () => {
    const terms = [sampleTerm(), sampleTerm({ nodes: 3, validUntilMs: 12 * day }), sampleTerm({ nodes: 1, validFromMs: 30 * day })];
    expect([11, 13, 18].map((at) => licensedNodes(terms, at * day))).toEqual([5, 5, 2]);
    expect(licensedNodes([], 0)).toBe(0);
  });

  it("one licence that grants something grants it to the cluster", () => {
    expect([...grantedBy([sampleTerm({ entitlements: [] }), sampleTerm({ entitlements: ["replication"] })])]).toEqual(["replication"]);
  });

  it("what must be covered is the sum over all five classes of devices", () => {
    expect(Object.keys(deviceClasses)).toEqual(Object.keys(noDevices));
    expect(usersOf({ ipStations: 1, sipStations: 20, softClients: 300, amplifierChannels: 4_000, ioModules: 50_000 })).toBe(54_321);
  });

  it.each([
    [{ nodes: 2, users: 57 }, "within"],
    [{ nodes: 2, users: 58 }, "near"],
    [{ nodes: 2, users: 64 }, "near"],
    [{ nodes: 2, users: 65 }, "over"],
    [{ nodes: 3, users: 0 }, "over"],
    [{ nodes: 0, users: 0 }, "within"],
  ] as const)("%j of 2 nodes and 64 users is %s", (used, level) => {
    expect(usageLevel(used, { nodes: 2, users: 64 })).toBe(level);
  });
});
