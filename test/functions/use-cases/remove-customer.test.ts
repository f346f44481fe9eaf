import { afterAll, expect, it } from "vitest";
import type { Dependencies } from "../../../functions/dependencies.ts";
import type { Customer } from "../../../functions/store/customer-store.ts";
import { changeAlertSettings } from "../../../functions/use-cases/alert-settings.ts";
import { listSubscriptions, subscribeAlerts } from "../../../functions/use-cases/alert-subscriptions.ts";
import { makeApiKey } from "../../../functions/use-cases/api-keys.ts";
import { createCluster } from "../../../functions/use-cases/create-cluster.ts";
import { createCustomer } from "../../../functions/use-cases/create-customer.ts";
import { planMaintenance } from "../../../functions/use-cases/maintenance.ts";
import { previewCustomerRemoval } from "../../../functions/use-cases/preview-removal.ts";
import { removeCluster } from "../../../functions/use-cases/remove-cluster.ts";
import { removeCustomer } from "../../../functions/use-cases/remove-customer.ts";
import { sweepRemovals } from "../../../functions/use-cases/sweep-removals.ts";
import { limits } from "../../../shared/config/limits.ts";
import { startControlPlane } from "../control-plane.ts";

const plane = await startControlPlane();
const { dependencies } = plane;
afterAll(() => plane.close());

const hall = { name: "hall", timing: "default", dataSets: [], resources: [] } as const;

/** Without clusters, and with something of everything else. */
async function fullCustomer(): Promise<Customer> {
  const customer = await createCustomer(dependencies, { name: "Hotel Adler" });
  const { customerId } = customer;
  for (const level of ["first", "escalation"] as const)
    await subscribeAlerts(dependencies, customerId, { protocol: "email", endpoint: "noc@example.com", level });
  await changeAlertSettings(dependencies, customerId, { escalateAfterMinutes: 5, silentAfterSeconds: 300 });
  const [startsAt, endsAt] = [1, 2].map((hours) => new Date(plane.clock.nowMs + hours * 3_600_000).toISOString()) as [string, string];
  await planMaintenance(dependencies, customerId, { startsAt, endsAt, reason: "new switch" });
  return customer;
}

it("while it has a cluster: refused, and it says which", async () => {
  const { customerId } = await fullCustomer();
  const { clusterId } = (await createCluster(dependencies, customerId, hall)).document;
  const refusal = {
    code: "still-in-use",
    message: "customer Hotel Adler has 1 cluster (hall)",
    nextStep: expect.stringMatching(/^Remove its clusters first/),
  };
  await expect(removeCustomer(dependencies, customerId, {})).rejects.toMatchObject(refusal);
  await expect(previewCustomerRemoval(dependencies, customerId, {})).rejects.toMatchObject(refusal);
  await removeCluster(dependencies, clusterId, {});
  expect(await removeCustomer(dependencies, customerId, { confirm: "Hotel Adler" })).toMatchObject({ customerId, remains: false });
});

it("while somebody is limited to it: refused, and it says who; whoever has all customers is nobody's business", async () => {
  const { customerId } = await fullCustomer();
  await makeApiKey(dependencies, "test", { name: "all", access: { role: "owner", customers: "all" }, expiresAt: null });
  const { apiKey } = await makeApiKey(dependencies, "test", {
    name: "nightly",
    access: { role: "viewer", customers: [customerId] },
    expiresAt: null,
  });
  await expect(removeCustomer(dependencies, customerId, {})).rejects.toMatchObject({
    code: "still-in-use",
    message: expect.stringContaining("(API key nightly)"),
  });
  await dependencies.stores.apiKeys.remove(apiKey.keySha256);
  expect(await removeCustomer(dependencies, customerId, {})).toMatchObject({ customerId });
});

it("what would follow is said, and nothing is changed; another name is refused", async () => {
  const { customerId } = await fullCustomer();
  expect(await previewCustomerRemoval(dependencies, customerId, {})).toEqual({
    consequences: [
      "customer Hotel Adler is not here any more, and nothing brings it back: its alert settings are deleted",
      "2 alert subscriptions are ended, and whoever was told is not told of that",
      "1 maintenance window is deleted",
      "the provider's audit log keeps what was done, and who removed it",
    ],
    confirm: null,
  });
  await expect(removeCustomer(dependencies, customerId, { confirm: "Hotel Bär" })).rejects.toMatchObject({ code: "confirmation-required" });
  expect(await listSubscriptions(dependencies, customerId)).toHaveLength(2);
});

it("it is gone with all that was stored of it, also where it was cut off; the log keeps it, and its id is never used again", async () => {
  const customer = await fullCustomer();
  const { customerId } = customer;
  const { stores, notifier } = dependencies;
  const cut: Dependencies = { ...dependencies, notifier: { ...notifier, removeTopics: () => Promise.reject(new Error("killed here")) } };
  await expect(removeCustomer(cut, customerId, {})).rejects.toThrow("killed here");
  expect(await stores.customers.find(customerId)).toBeUndefined();
  expect((await stores.customers.list()).map((one) => one.customerId)).not.toContain(customerId);
  await expect(createCluster(dependencies, customerId, hall)).rejects.toMatchObject({ code: "not-found" });

  const removed = await removeCustomer(dependencies, customerId, {});
  expect(removed).toMatchObject({ customerId, remains: false });
  expect(await stores.alertSettings.windows(customerId)).toEqual([]);
  expect(await stores.alertSettings.find(customerId)).toMatchObject({ escalateAfterMinutes: 15 });
  expect(await notifier.subscriptions(await notifier.ensureTopic(customerId))).toEqual([]);
  expect(await removeCustomer(dependencies, customerId, {})).toEqual(removed);
  await stores.customers.add(customer);
  expect(await stores.customers.find(customerId)).toBeUndefined();

  const { entries } = await stores.audit.page({ customerId }, { limit: 50 });
  expect(entries.filter(({ action }) => action === "customer.removed")).toHaveLength(1);
  expect(entries.at(-1)).toMatchObject({ action: "customer.created" });
});

it("a cluster that it is given at the same time: one of the two is refused", async () => {
  const { customerId } = await fullCustomer();
  const [created, removed] = await Promise.allSettled([
    createCluster(dependencies, customerId, hall),
    removeCustomer(dependencies, customerId, {}),
  ]);
  const isThere = (await dependencies.stores.customers.find(customerId)) !== undefined;
  expect([created.status, removed.status]).toEqual(isThere ? ["fulfilled", "rejected"] : ["rejected", "fulfilled"]);
  expect(await dependencies.stores.clusters.listOfCustomer(customerId)).toHaveLength(isThere ? 1 : 0);
});

it("a sweep goes on with it, and is done a day later", async () => {
  await sweepRemovals(dependencies);
  plane.clock.nowMs += limits.removalSettledMs;
  expect((await sweepRemovals(dependencies)).failed).toBe(0);
  expect(await sweepRemovals(dependencies)).toEqual({ settled: 0, failed: 0 });
});
