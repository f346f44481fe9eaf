import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCluster } from "../../../functions/use-cases/create-cluster.ts";
import { createCustomer } from "../../../functions/use-cases/create-customer.ts";
import { Refusal } from "../../../functions/use-cases/refusal.ts";
import { limits } from "../../../shared/config/limits.ts";
import type { GroupName } from "../../../shared/domain/ids.ts";
import { type ControlPlane, startControlPlane } from "../control-plane.ts";
import { putGroup } from "../put-group.ts";

let plane: ControlPlane;
beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(() => plane.close());

/** As many services as a group may have, with names as long as they may be. */
const resources = (group: number) =>
  Array.from({ length: 32 }, (_, index) => ({ kind: "service", name: `${"x".repeat(57)}-${group}-${index}` }) as const);

describe("the size of a cluster document", () => {
  it("grows until it would not fit into one message any more: refused with its size and what to do, and the last one stays in force", async () => {
    const { customerId } = await createCustomer(plane.dependencies, { name: "Hotel Adler" });
    const local = Array.from({ length: 400 }, (_, index) => `${"t".repeat(96)}_${index}`);
    const { document } = await createCluster(plane.dependencies, customerId, {
      name: "front desk",
      timing: "default",
      dataSets: [{ kind: "sqlite", name: "calls", local }],
      resources: [],
    });
    const { clusterId } = document;
    let version = 1;
    const refusal = await (async () => {
      for (let group = 1; group < limits.groupsPerClusterMax; group += 1) {
        const target = { clusterId, group: `group-${group}` as GroupName, expectedVersion: version };
        const failback = { mode: "manual" } as const;
        try {
          await putGroup(plane.dependencies, target, { order: [], resources: resources(group), failback });
        } catch (error) {
          return error;
        }
        version += 1;
      }
      return undefined;
    })();
    expect(refusal).toBeInstanceOf(Refusal);
    expect(refusal).toMatchObject({
      code: "invalid-request",
      message: expect.stringMatching(/would have \d+ bytes, more than one message to the agents may carry/),
      nextStep: "Declare fewer groups, data sets or node-local tables.",
    });
    const stored = await plane.dependencies.stores.clusters.find(clusterId);
    expect(stored?.document.version).toBe(version);
    expect(stored?.signed.length).toBeLessThan(limits.cloudMessageBytesMax);
    expect(stored?.signed.length).toBeGreaterThan(limits.cloudMessageBytesMax * 0.9);
  });
});

describe("a cluster's own timings", () => {
  const suspectAfterMs = { least: 600, usual: 800, most: 950 };
  const create = async (heartbeatIntervalMs: number, rankDelayMs: number) => {
    const { customerId } = await createCustomer(plane.dependencies, { name: "Klinikum Nord" });
    const timing = { leaseMs: 1_000, heartbeatIntervalMs, suspectAfterMs, rankDelayMs };
    return createCluster(plane.dependencies, customerId, { name: "wards", timing, dataSets: [], resources: [] });
  };

  it("stand in the document where they keep the rules", async () => {
    expect((await create(200, 80)).document.timing).toEqual({ leaseMs: 1_000, heartbeatIntervalMs: 200, suspectAfterMs, rankDelayMs: 80 });
  });

  it("are refused with every rule that they break", async () => {
    await expect(create(300, 10)).rejects.toMatchObject({
      code: "invalid-request",
      problems: [{ path: "timing.heartbeatIntervalMs" }, { path: "timing.suspectAfterMs.least" }, { path: "timing.rankDelayMs" }],
    });
  });
});
