import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { Dependencies } from "../../../functions/dependencies.ts";
import { authenticateNode } from "../../../functions/use-cases/authenticate-node.ts";
import { createCluster } from "../../../functions/use-cases/create-cluster.ts";
import { enrolNode } from "../../../functions/use-cases/enrol-node.ts";
import { previewClusterRemoval } from "../../../functions/use-cases/preview-removal.ts";
import { removeCluster } from "../../../functions/use-cases/remove-cluster.ts";
import { startTrial } from "../../../functions/use-cases/start-trial.ts";
import { sweepRemovals } from "../../../functions/use-cases/sweep-removals.ts";
import type { ClusterId, CustomerId } from "../../../shared/domain/ids.ts";
import { clusterOfTwo, enrolled, enrolRequest, newCluster, newIdentity, newToken, startControlPlane } from "../control-plane.ts";
import { customerOf, failingAt, fullCluster, named, nothing, onceBefore, remainsOf } from "./full-cluster.ts";

const plane = await startControlPlane();
const { dependencies } = plane;
afterAll(() => plane.close());
beforeEach(() => {
  plane.messages.retired.length = 0;
});

async function newestEntries(count: number) {
  const { entries } = await dependencies.stores.audit.page({}, { limit: count });
  return entries;
}

describe("removing a cluster", () => {
  it("with members and unnamed: refused with the next step, and nothing is changed", async () => {
    const { clusterId } = await clusterOfTwo(plane, 4);
    const before = await dependencies.stores.clusters.find(clusterId);
    await expect(removeCluster(dependencies, clusterId, {})).rejects.toMatchObject({
      code: "confirmation-required",
      message: "cluster front desk has members that are enrolled: alpha, beta",
      nextStep: expect.stringContaining("confirm=front%20desk"),
    });
    await expect(removeCluster(dependencies, clusterId, { confirm: "Front desk" })).rejects.toMatchObject({
      code: "confirmation-required",
      message: "the cluster is named front desk, and not Front desk",
    });
    await expect(removeCluster(dependencies, clusterId, { ...named, expectedVersion: 1 })).rejects.toMatchObject({
      code: "version-conflict",
    });
    expect(await dependencies.stores.clusters.find(clusterId)).toEqual(before);
    expect(plane.messages.retired).toEqual([]);
  });

  it("what would follow is said, and nothing is changed", async () => {
    const { clusterId, customerId } = await fullCluster(plane);
    const { notifier } = dependencies;
    await notifier.subscribe(await notifier.ensureTopic(customerId), {
      protocol: "email",
      endpoint: "a@example.com",
      filter: { cluster: [clusterId] },
    });
    const [before, log] = [await remainsOf(plane, clusterId, customerId), await newestEntries(1)];
    const { consequences, confirm } = await previewClusterRemoval(dependencies, clusterId, {});
    expect(confirm).toBe("front desk");
    expect(consequences).toEqual([
      "cluster front desk is not here any more: its settings, events, reports, incidents and availability are deleted, and nothing brings them back",
      "2 enrolled (alpha, beta), 1 of them report now (alpha): from then on the control plane refuses them all; their agents go on with the last document that they have, for as long as they run",
      expect.stringMatching(/^a server that shall not be one of this cluster any more is removed first/) as string,
      expect.stringMatching(/^licence lic_\w+, good until .*Z, is deleted, and is good for no other cluster$/) as string,
      "1 join token can still be used: nobody joins with it any more",
      "1 incident is not over: nobody is told how it ends",
      "1 maintenance window is of this cluster alone: deleted",
      "1 alert subscription is for this cluster alone: left as it is, with nothing to tell",
      "the provider's audit log keeps what was done, and who removed it",
    ]);
    expect([await remainsOf(plane, clusterId, customerId), await newestEntries(1)]).toEqual([before, log]);
  });

  it("named: nothing is stored of it any more, its nodes are refused, and the audit log says who did it", async () => {
    const { clusterId, customerId, token, alpha } = await fullCluster(plane);
    const another = await newCluster(plane, 0);
    const certificates = (await dependencies.stores.clusters.find(clusterId))?.document.nodes.map((node) => node.certificateSha256) ?? [];
    expect(certificates).toHaveLength(2);
    const removed = await removeCluster(dependencies, clusterId, named);
    const removedAt = new Date(plane.clock.nowMs).toISOString();
    expect(removed).toEqual({ clusterId, customerId, removedAt, remains: false });
    expect(await remainsOf(plane, clusterId, customerId)).toEqual(nothing);
    expect(plane.messages.retired).toEqual([clusterId]);
    for (const certificate of certificates) {
      expect(await authenticateNode(dependencies, certificate)).toBeUndefined();
      expect(await dependencies.stores.clusters.findByCertificate(certificate)).toBeUndefined();
    }
    await expect(enrolNode(dependencies, enrolRequest(token, await newIdentity(), "gamma", 7_020))).rejects.toMatchObject({
      code: "token-unknown",
    });
    const [entry] = await newestEntries(1);
    expect(entry).toMatchObject({ action: "cluster.removed", customerId, subject: clusterId, actor: { kind: "control-plane" } });
    expect(JSON.stringify(entry?.changes)).toContain(alpha);
    expect(await dependencies.stores.clusters.find(another)).toBeDefined();
    expect((await dependencies.stores.customers.find(customerId))?.customerId).toBe(customerId);
  });

  it("without members no name is needed; the same request again changes nothing, and the id is never used again", async () => {
    const clusterId = await newCluster(plane, 0);
    const stored = await dependencies.stores.clusters.find(clusterId);
    const first = await removeCluster(dependencies, clusterId, {});
    const count = (await newestEntries(1))[0]?.number;
    plane.clock.nowMs += 1_000;
    expect(await removeCluster(dependencies, clusterId, {})).toEqual(first);
    expect((await newestEntries(1))[0]?.number).toBe(count);
    if (stored === undefined) throw new Error("the cluster was not there");
    expect(await dependencies.stores.clusters.add(stored)).toEqual({ saved: false, currentVersion: 0 });
    await expect(removeCluster(dependencies, "clus_00000000000000000000" as ClusterId, {})).rejects.toMatchObject({ code: "not-found" });
    await expect(startTrial(dependencies, clusterId)).rejects.toMatchObject({ code: "not-found" });
  });

  it("two at once: both are answered alike, and one entry of the audit log stands", async () => {
    const { clusterId, customerId } = await fullCluster(plane);
    const from = (await newestEntries(1))[0]?.number ?? 0;
    const [one, other] = await Promise.all([removeCluster(dependencies, clusterId, named), removeCluster(dependencies, clusterId, named)]);
    expect(one).toEqual(other);
    expect(await remainsOf(plane, clusterId, customerId)).toEqual(nothing);
    const since = (await newestEntries(5)).filter(({ number }) => number > from);
    const takenBack = since.filter(({ action }) => action === "change.not-made").map(({ subject }) => Number(subject));
    expect(since.filter(({ action, number }) => action === "cluster.removed" && !takenBack.includes(number))).toHaveLength(1);
  });

  it("nodes enrol while it is removed: each is refused, or goes with it; nobody is left behind", async () => {
    for (let round = 0; round < 2; round += 1) {
      const clusterId = await newCluster(plane, 8);
      const customerId = await customerOf(plane, clusterId);
      await enrolled(plane, clusterId, "alpha", 7_000);
      const requests = await Promise.all(
        ["beta", "gamma", "delta"].map(async (name, at) =>
          enrolRequest(await newToken(plane, clusterId), await newIdentity(), name, 7_100 + 10 * at),
        ),
      );
      const outcomes = await Promise.allSettled([
        ...requests.slice(0, 1 + round).map((request) => enrolNode(dependencies, request)),
        removeCluster(dependencies, clusterId, named),
        ...requests.slice(1 + round).map((request) => enrolNode(dependencies, request)),
      ]);
      const refusals = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [(outcome.reason as { code: string }).code] : []));
      for (const code of refusals) expect(["not-found", "token-unknown"]).toContain(code);
      await sweepRemovals(dependencies);
      expect(await remainsOf(plane, clusterId, customerId)).toEqual(nothing);
    }
  });

  it("cut off anywhere after it began: nobody finds a half of it, and the same request again ends it", async () => {
    const { clusterId, customerId } = await fullCluster(plane);
    // Each time it gets a step further.
    for (const step of ["messenger.retire", "alertSettings.windows", "summaries.remove", "removals.clearCluster"]) {
      await expect(removeCluster(failingAt(plane, step), clusterId, named)).rejects.toThrow("killed here");
      const { cluster, listed } = await remainsOf(plane, clusterId, customerId);
      expect({ cluster, listed }).toEqual({ cluster: undefined, listed: [] });
    }
    expect(await removeCluster(dependencies, clusterId, {})).toMatchObject({ clusterId, remains: false });
    expect(await remainsOf(plane, clusterId, customerId)).toEqual(nothing);
  });
});

it("a cluster that is made while its customer is removed is not left without one", async () => {
  const clusterId = await newCluster(plane, 0);
  const customerId = await customerOf(plane, clusterId);
  await removeCluster(dependencies, clusterId, {});
  const late: Dependencies = {
    ...dependencies,
    stores: {
      ...dependencies.stores,
      customers: onceBefore(dependencies.stores.customers, "noteCluster", () => removeTheCustomer(customerId)),
    },
  };
  const request = { name: "late", timing: "default", dataSets: [], resources: [] } as const;
  await expect(createCluster(late, customerId, request)).rejects.toMatchObject({ code: "not-found" });
  expect(await dependencies.stores.clusters.listOfCustomer(customerId)).toEqual([]);
});

async function removeTheCustomer(customerId: CustomerId): Promise<void> {
  const { removals, customers } = dependencies.stores;
  const removal = { customerId, removedAt: new Date(plane.clock.nowMs).toISOString() };
  expect(await removals.removeCustomer(removal, await customers.newestCluster(customerId))).toBe(true);
}
