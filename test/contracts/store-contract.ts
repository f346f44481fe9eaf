import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { Stores } from "../../functions/store/stores.ts";
import type { JoinTokenClaim } from "../../functions/store/token-store.ts";
import { randomId } from "../../functions/use-cases/random-id.ts";
import type { EventId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { reportOf, takeoverEvent } from "../functions/control-plane.ts";
import { alertStoresContract } from "./alert-stores-contract.ts";
import { licenceStoresContract } from "./licence-stores-contract.ts";
import { summaryStoreContract } from "./summary-store-contract.ts";
import { witnessStoreContract } from "./witness-store-contract.ts";

/** What every adapter of the store's ports must do. Each test uses ids of its own, so that one store serves all. */
export function storeContract(open: () => Promise<Stores>): void {
  let stores: Stores;
  beforeAll(async () => {
    stores = await open();
  });

  describe("customers", () => {
    it("are listed oldest first, and adding one again changes nothing", async () => {
      const older = { customerId: randomId("cust"), name: "older", createdAt: "2026-01-01T00:00:00.000Z" };
      const newer = { customerId: randomId("cust"), name: "newer", createdAt: "2026-01-02T00:00:00.000Z" };
      await stores.customers.add(newer);
      await stores.customers.add(older);
      await stores.customers.add({ ...older, name: "other" });
      expect((await stores.customers.list()).filter(({ createdAt }) => createdAt < "2026-01-03")).toEqual([older, newer]);
      expect(await stores.customers.find(older.customerId)).toEqual(older);
      expect(await stores.customers.find(randomId("cust"))).toBeUndefined();
    });
  });

  describe("removals", () => {
    it("a note in the place of one version's document: it is not there any more, nor can it be added, and of two writers one wins", async () => {
      const cluster = newCluster();
      const { clusterId, customerId } = cluster.document;
      await stores.clusters.add(cluster);
      const removal = { clusterId, customerId, removedAt: "2026-01-01T00:00:00.000Z", certificates: ["ab".repeat(32)] };
      expect(await stores.removals.removeCluster(removal, 2)).toBe(false);
      const outcomes = await Promise.all([1, 1].map((version) => stores.removals.removeCluster(removal, version)));
      expect(outcomes.filter((isRemoved) => isRemoved)).toHaveLength(1);
      expect(await stores.clusters.find(clusterId)).toBeUndefined();
      expect(await stores.clusters.listOfCustomer(customerId)).toEqual([]);
      expect(await stores.clusters.add(cluster)).toEqual({ saved: false, currentVersion: 0 });
      const second = { ...cluster, document: { ...cluster.document, version: 2 } };
      expect(await stores.clusters.replace(second)).toEqual({ saved: false, currentVersion: 0 });
      expect(await stores.removals.findCluster(clusterId)).toEqual(removal);
      expect(await stores.removals.unfinishedClusters(100)).toContainEqual(removal);
      await stores.removals.finishCluster(removal);
      expect(await stores.removals.unfinishedClusters(100)).not.toContainEqual(removal);
      expect(await stores.removals.findCluster(clusterId)).toEqual({ ...removal, certificates: [] });
    });

    it("what is below it goes some at a time, and a certificate only where it is still of this cluster", async () => {
      const cluster = newCluster();
      const { clusterId, customerId } = cluster.document;
      await stores.clusters.add(cluster);
      const [own, others] = [createHash("sha256").update(clusterId).digest("hex"), createHash("sha256").update(customerId).digest("hex")];
      await stores.clusters.addCertificate(own, { clusterId, nodeId: randomId("node") });
      await stores.clusters.addCertificate(others, { clusterId: randomId("clus"), nodeId: randomId("node") });
      const reporters = [1, 2, 3].map(() => randomId("node"));
      for (const nodeId of reporters)
        await stores.reports.put({ report: reportOf(clusterId, nodeId, 1, 0), receivedAt: "2026-01-01T00:00:00.000Z" });
      await stores.tokens.add({ secretSha256: own, clusterId, role: "node", expiresAt: "2026-01-01T00:00:00.000Z" });
      const removal = { clusterId, customerId, removedAt: "2026-01-02T00:00:00.000Z", certificates: [own, others] };
      await stores.removals.removeCluster(removal, 1);
      const cleared: number[] = [];
      do cleared.push(await stores.removals.clearCluster(removal, 2));
      while (cleared.at(-1) !== 0);
      expect(cleared).toEqual([2, 2, 0]);
      expect([await stores.reports.listOfCluster(clusterId), await stores.tokens.find(own)]).toEqual([[], undefined]);
      expect(await stores.clusters.findByCertificate(own)).toBeUndefined();
      expect(await stores.clusters.findByCertificate(others)).toBeDefined();
      expect(await stores.removals.findCluster(clusterId)).toEqual(removal);
    });

    it("a customer only while its newest cluster is the one that was seen, and never again", async () => {
      const customer = { customerId: randomId("cust"), name: "gone", createdAt: "2026-01-09T00:00:00.000Z" };
      const { customerId } = customer;
      const [first, second] = [randomId("clus"), randomId("clus")];
      const removal = { customerId, removedAt: "2026-01-10T00:00:00.000Z" };
      expect(await stores.removals.removeCustomer(removal, null)).toBe(false);
      await stores.customers.add(customer);
      expect(await stores.customers.newestCluster(customerId)).toBeNull();
      expect(await stores.customers.noteCluster(customerId, first)).toBe(true);
      expect(await stores.removals.removeCustomer(removal, null)).toBe(false);
      await stores.customers.noteCluster(customerId, second);
      expect(await stores.removals.removeCustomer(removal, first)).toBe(false);
      expect(await stores.removals.removeCustomer(removal, second)).toBe(true);
      expect(await stores.removals.removeCustomer(removal, null)).toBe(false);
      await stores.customers.add(customer);
      expect(await stores.customers.find(customerId)).toBeUndefined();
      expect(await stores.customers.list()).not.toContainEqual(customer);
      expect(await stores.customers.noteCluster(customerId, first)).toBe(false);
      expect(await stores.removals.unfinishedCustomers(100)).toContainEqual(removal);
      await stores.removals.finishCustomer(removal);
      expect(await stores.removals.findCustomer(customerId)).toEqual(removal);
    });
  });

  describe("clusters", () => {
    it("a document comes back as it was written, number by number", async () => {
      const cluster = newCluster();
      expect(await stores.clusters.add(cluster)).toEqual({ saved: true });
      expect(await stores.clusters.find(cluster.document.clusterId)).toEqual(cluster);
      expect(await stores.clusters.listOfCustomer(cluster.document.customerId)).toEqual([cluster]);
    });

    it("only the next version replaces a document: of two writers one wins, the other is told what is there", async () => {
      const cluster = newCluster();
      await stores.clusters.add(cluster);
      const second = { ...cluster, document: { ...cluster.document, version: 2 } };
      const results = await Promise.all(["a", "b"].map((signed) => stores.clusters.replace({ ...second, signed })));
      expect(results.filter(({ saved }) => saved)).toHaveLength(1);
      expect(results).toContainEqual({ saved: false, currentVersion: 2 });
      expect(await stores.clusters.replace(second)).toEqual({ saved: false, currentVersion: 2 });
    });

    it("one that is not there cannot be replaced, one that is there cannot be added", async () => {
      const cluster = newCluster();
      expect(await stores.clusters.replace({ ...cluster, document: { ...cluster.document, version: 2 } })).toEqual({
        saved: false,
        currentVersion: 0,
      });
      await stores.clusters.add(cluster);
      expect(await stores.clusters.add(cluster)).toEqual({ saved: false, currentVersion: 1 });
    });

    it("a certificate leads to its node", async () => {
      const owner = { clusterId: randomId("clus"), nodeId: randomId("node") };
      const sha256 = owner.nodeId;
      expect(await stores.clusters.findByCertificate(sha256)).toBeUndefined();
      await stores.clusters.addCertificate(sha256, owner);
      expect(await stores.clusters.findByCertificate(sha256)).toEqual(owner);
    });
  });

  describe("events", () => {
    it("one that comes again is known, and the first stays", async () => {
      const event = newEvent(1);
      expect(await stores.events.add(event)).toBe("stored");
      expect(await stores.events.add({ ...event, at: "2030-01-01T00:00:00.000Z" })).toBe("known");
      expect(await stores.events.find(event.clusterId, event.eventId)).toEqual(event);
    });

    it("pages go from the newest to the oldest, each event once", async () => {
      const clusterId = randomId("clus");
      const events = Array.from({ length: 7 }, (_, epoch) => ({
        ...newEvent(epoch, clusterId),
        at: `2026-01-0${epoch + 1}T00:00:00.000Z`,
      }));
      for (const event of events) await stores.events.add(event);
      const seen: EventId[] = [];
      let from: string | undefined;
      do {
        const page = await stores.events.page(clusterId, { limit: 3, ...(from === undefined ? {} : { from }) });
        if (page === "bad-position") throw new Error("a page's own next was refused");
        seen.push(...page.events.map(({ eventId }) => eventId));
        from = page.next;
      } while (from !== undefined);
      expect(seen).toEqual(events.map(({ eventId }) => eventId).toReversed());
    });

    it("a position that no page gave is refused, another cluster's leads nowhere else", async () => {
      const event = newEvent(1);
      await stores.events.add(event);
      expect(await stores.events.page(event.clusterId, { limit: 1, from: "CLUSTER#x" })).toBe("bad-position");
      expect(await stores.events.page(randomId("clus"), { limit: 5, from: `999999999999999#${event.eventId}` })).toEqual({ events: [] });
    });
  });

  alertStoresContract(() => stores);

  summaryStoreContract(() => stores);

  licenceStoresContract(() => stores);

  witnessStoreContract(() => stores);

  describe("join tokens", () => {
    it("one that was withdrawn cannot be claimed, one that was claimed cannot be withdrawn; a cluster's are listed by their end", async () => {
      const [token, claimed] = [await newToken(stores), await newToken(stores)];
      expect(await stores.tokens.withdraw(token.secretSha256)).toBe(true);
      expect(await stores.tokens.withdraw(token.secretSha256)).toBe(false);
      expect(await stores.tokens.claim(token.secretSha256, newClaim())).toBe("lost");
      await stores.tokens.claim(claimed.secretSha256, newClaim());
      expect(await stores.tokens.withdraw(claimed.secretSha256)).toBe(false);
      const later = { ...token, secretSha256: randomId("lic"), expiresAt: "2026-01-01T00:10:00.000Z" };
      await stores.tokens.add(later);
      const of = (from: string) => stores.tokens.listOfCluster(token.clusterId, from);
      expect(await of(token.expiresAt)).toEqual([
        { ...token, state: "withdrawn" },
        { ...later, state: "unused" },
      ]);
      expect(await of("2026-01-01T00:00:01.000Z")).toEqual([{ ...later, state: "unused" }]);
    });

    it("of many claims exactly one wins", async () => {
      const token = await newToken(stores);
      const claims = Array.from({ length: 20 }, newClaim);
      const results = await Promise.all(claims.map((one) => stores.tokens.claim(token.secretSha256, one)));
      expect(results.filter((result) => result === "won")).toHaveLength(1);
      expect(await stores.tokens.find(token.secretSha256)).toEqual({ ...token, state: "claimed", claim: claims[results.indexOf("won")] });
    });

    it("a claim can be given back by its owner alone, and not after it was used", async () => {
      const token = await newToken(stores);
      const [own, other] = [newClaim(), newClaim()];
      await stores.tokens.claim(token.secretSha256, own);
      await stores.tokens.release(token.secretSha256, other);
      expect(await stores.tokens.find(token.secretSha256)).toMatchObject({ state: "claimed" });
      await stores.tokens.release(token.secretSha256, own);
      expect(await stores.tokens.find(token.secretSha256)).toEqual({ ...token, state: "unused" });
      await stores.tokens.claim(token.secretSha256, other);
      await stores.tokens.markUsed(token.secretSha256, other);
      await stores.tokens.release(token.secretSha256, other);
      expect(await stores.tokens.find(token.secretSha256)).toEqual({ ...token, state: "used", claim: other });
    });

    it("one that was never made is found by nobody and won by nobody", async () => {
      expect(await stores.tokens.find("nothing")).toBeUndefined();
      expect(await stores.tokens.claim("nothing", newClaim())).toBe("lost");
    });
  });

  describe("reports", () => {
    it("the newest stays: by incarnation, then by time", async () => {
      const [clusterId, nodeId] = [randomId("clus"), randomId("node")];
      const put = (incarnation: number, nowMs: number) =>
        stores.reports.put({ report: { ...reportOf(clusterId, nodeId, 1, nowMs), incarnation }, receivedAt: "2026-01-01T00:00:00.000Z" });
      const [first, second] = [reportOf(clusterId, nodeId, 1, 5_000), reportOf(clusterId, nodeId, 1, 6_000)];
      expect(await put(2, 5_000)).toEqual({ before: null });
      expect(await put(1, 9_000)).toBe("older");
      expect(await put(2, 4_000)).toBe("older");
      expect(await put(2, 6_000)).toEqual({ before: { ...first, incarnation: 2 } });
      expect(await put(3, 1_000)).toEqual({ before: { ...second, incarnation: 2 } });
      expect(await stores.reports.listOfCluster(clusterId)).toMatchObject([{ report: { incarnation: 3 } }]);
    });
  });

  describe("presence", () => {
    it("what has the higher sequence stays, whatever comes later", async () => {
      const node = { clusterId: randomId("clus"), nodeId: randomId("node"), since: "2026-01-01T00:00:00.000Z" };
      expect(await stores.presence.put({ ...node, connected: true, sequence: 2 })).toBe("stored");
      expect(await stores.presence.put({ ...node, connected: false, sequence: 1 })).toBe("older");
      expect(await stores.presence.listOfCluster(node.clusterId)).toEqual([{ ...node, connected: true, sequence: 2 }]);
    });
  });
}

function newCluster() {
  const clusterId = randomId("clus");
  const document: ClusterDocument = {
    schema: 1,
    customerId: randomId("cust"),
    clusterId,
    name: "front desk",
    version: 1,
    issuedAt: "2026-01-01T00:00:00.000Z",
    nodes: [],
    groups: [],
    dataSets: [{ kind: "sqlite", name: "data", local: [""] }],
    timing: "default",
  };
  return { document, signed: "jws", memberships: [{ version: 1, voters: [] }] };
}

function newEvent(epoch: number, clusterId = randomId("clus")) {
  return takeoverEvent(clusterId, randomId("node"), randomId("node"), epoch);
}

function newClaim(): JoinTokenClaim {
  return { nodeId: randomId("node"), certificateSha256: "ab" };
}

async function newToken({ tokens }: Stores) {
  const token = {
    secretSha256: randomId("lic"),
    clusterId: randomId("clus"),
    role: "node" as const,
    expiresAt: "2026-01-01T00:00:00.000Z",
  };
  await tokens.add(token);
  return token;
}
