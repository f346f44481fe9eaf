import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { changeTrigger, createTriggerToken, removeTrigger } from "../../../functions/use-cases/change-trigger.ts";
import { clusterDocumentSchema } from "../../../shared/protocol/cluster-document-schema.ts";
import { putTriggerSchema } from "../../../shared/protocol/trigger-schema.ts";
import { type ControlPlane, newCluster, startControlPlane } from "../control-plane.ts";

let plane: ControlPlane;
beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(() => plane.close());

const actions = [{ kind: "command", name: "bells", command: "ring" }];
const nightly = putTriggerSchema.parse({ source: { kind: "schedule", cron: "30 2 * * *", zone: "UTC" }, actions });
const door = putTriggerSchema.parse({ source: { kind: "webhook" }, actions });

test("a trigger is declared with its log, changed and removed; a document without any is as it was before there were triggers", async () => {
  const clusterId = await newCluster(plane, 3);
  const target = (trigger: string, expectedVersion: number) => ({ clusterId, trigger, expectedVersion });
  const { document } = await changeTrigger(plane.dependencies, target("nightly", 1), nightly);
  expect(document.triggers).toEqual([{ ...nightly, name: "nightly", log: "triggers-default", since: document.issuedAt }]);
  expect(document.dataSets).toEqual([{ kind: "state", name: "triggers-default", group: "default", local: [] }]);
  expect(clusterDocumentSchema.parse(document)).toEqual(document);

  plane.clock.nowMs += 60_000;
  const kept = await changeTrigger(plane.dependencies, target("nightly", 2), { ...nightly, keptDays: 30 });
  expect(kept.document.triggers?.[0]?.since, "what its schedule has said since then still counts").toBe(document.issuedAt);
  const source = { kind: "schedule", cron: "30 3 * * *", zone: "UTC" } as const;
  const moved = await changeTrigger(plane.dependencies, target("nightly", 3), { ...nightly, source });
  expect(moved.document.triggers?.[0]?.since).toBe(moved.document.issuedAt);
  expect(moved.document.dataSets).toHaveLength(1);

  const gone = await removeTrigger(plane.dependencies, target("nightly", 4));
  expect(gone.document).not.toHaveProperty("triggers");
  await expect(removeTrigger(plane.dependencies, target("nightly", 4))).rejects.toMatchObject({ code: "version-conflict" });
  const never = { kind: "schedule", cron: "0 0 31 2 *", zone: "UTC" } as const;
  await expect(changeTrigger(plane.dependencies, target("nightly", 5), { ...nightly, source: never })).rejects.toThrow("never comes");
});

test("a webhook's token is told once, only its digest is in the document, and a change of the trigger leaves it; a new one replaces it", async () => {
  const clusterId = await newCluster(plane, 3);
  const tokenOf = async () => (await plane.dependencies.stores.clusters.find(clusterId))?.document.triggers?.[0]?.source;
  await expect(createTriggerToken(plane.dependencies, { clusterId, trigger: "door" })).rejects.toThrow("has no trigger door");
  await changeTrigger(plane.dependencies, { clusterId, trigger: "door", expectedVersion: 1 }, door);
  const { token, path } = await createTriggerToken(plane.dependencies, { clusterId, trigger: "door" });
  expect(path).toBe("/triggers/door");
  const source = { kind: "webhook", tokenSha256: createHash("sha256").update(token).digest("hex") };
  expect(await tokenOf()).toEqual(source);
  await changeTrigger(plane.dependencies, { clusterId, trigger: "door", expectedVersion: 3 }, { ...door, keptDays: 5 });
  expect(await tokenOf()).toEqual(source);
  await createTriggerToken(plane.dependencies, { clusterId, trigger: "door" });
  expect(await tokenOf()).not.toEqual(source);
});
