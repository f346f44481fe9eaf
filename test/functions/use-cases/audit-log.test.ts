import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Dependencies } from "../../../functions/dependencies.ts";
import { brokenLinks } from "../../../functions/store/audit-chain.ts";
import { createCustomer } from "../../../functions/use-cases/create-customer.ts";
import { readAuditLog } from "../../../functions/use-cases/read-audit-log.ts";
import type { GroupName } from "../../../shared/domain/ids.ts";
import { type ControlPlane, enrolled, newCluster, startControlPlane } from "../control-plane.ts";
import { putGroup } from "../put-group.ts";

let plane: ControlPlane;
beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(async () => plane.close());

const ann = { kind: "person", id: "1", name: "ann@example.com", requestId: "request-1" } as const;
const newest = async (limit: number) => (await readAuditLog(plane.dependencies, {}, { limit })).entries;

describe("the audit log", () => {
  it("tells the way of a cluster: who, what, before and after", async () => {
    const clusterId = await newCluster(plane, 2);
    await enrolled(plane, clusterId, "alpha", 7_000);
    const asAnn: Dependencies = { ...plane.dependencies, actor: ann };
    const target = { clusterId, group: "default" as GroupName, expectedVersion: 2 };
    await putGroup(asAnn, target, { order: [], resources: [{ kind: "service", name: "phones" }], failback: { mode: "manual" } });
    const entries = await newest(6);
    expect(entries.map(({ action, actor }) => `${actor.name}: ${action}`)).toEqual([
      "ann@example.com: cluster.changed",
      "alpha: cluster.changed",
      "control plane: join-token.created",
      "control plane: licence.issued",
      "control plane: cluster.created",
      "control plane: customer.created",
    ]);
    const [changed, joined] = entries;
    expect(changed?.changes).toMatchObject([
      { path: "version", before: 2, after: 3 },
      { path: "groups.default.order" },
      { path: "groups.default.resources", before: [], after: [{ kind: "service", name: "phones" }] },
    ]);
    expect(changed?.actor).toEqual(ann);
    expect(joined?.changes.map(({ path }) => path)).toEqual(expect.arrayContaining(["version", "nodes"]));
  });

  it("a change that loses its race is taken back in the log, and made again: nothing is told that did not happen", async () => {
    const clusterId = await newCluster(plane, 0);
    const { stores } = plane.dependencies;
    let lost = false;
    const clusters = new Proxy(stores.clusters, {
      get: (target, name) =>
        name === "replace" && !lost
          ? async () => {
              lost = true;
              return { saved: false, currentVersion: 1 };
            }
          : (Reflect.get(target, name) as () => unknown).bind(target),
    });
    const racing: Dependencies = { ...plane.dependencies, stores: { ...stores, clusters } };
    const target = { clusterId, group: "phones" as GroupName, expectedVersion: 1 };
    await putGroup(racing, target, { order: [], resources: [], failback: { mode: "manual" } });
    const [made, taken, told] = await newest(3);
    expect([told?.action, taken?.action, made?.action]).toEqual(["cluster.changed", "change.not-made", "cluster.changed"]);
    expect(taken?.subject).toBe(String(told?.number));
  });

  it("what cannot be logged is not done", async () => {
    const { stores } = plane.dependencies;
    const before = (await stores.customers.list()).length;
    const audit = { ...stores.audit, append: () => Promise.reject(new Error("away")), page: stores.audit.page.bind(stores.audit) };
    await expect(createCustomer({ ...plane.dependencies, stores: { ...stores, audit } }, { name: "Adler" })).rejects.toThrow("away");
    expect(await stores.customers.list()).toHaveLength(before);
  });

  it("hundred changes at once: one chain without a gap; a customer's log holds its own alone", async () => {
    const customers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => createCustomer(plane.dependencies, { name: `Guest ${index}` })),
    );
    const all = await newest(200);
    expect(brokenLinks(all)).toEqual([]);
    expect(all.map(({ number }) => number)).toEqual(Array.from({ length: all.length }, (_, index) => all.length - index));
    const { customerId } = customers[50] ?? customers[0] ?? { customerId: undefined };
    if (customerId === undefined) throw new Error("no customer was made");
    const own = await readAuditLog(plane.dependencies, { customerId }, { limit: 10 });
    expect(own.entries.map(({ subject }) => subject)).toEqual([customerId]);
  });
});
