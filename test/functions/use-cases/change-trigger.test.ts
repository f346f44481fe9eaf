import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { changeDocument, checkChange } from "../../../functions/use-cases/change-document.ts";
import { createTriggerToken, triggerChange, triggerRemoval } from "../../../functions/use-cases/change-trigger.ts";
import { clusterDocumentSchema } from "../../../shared/protocol/cluster-document-schema.ts";
import { putTriggerSchema } from "../../../shared/protocol/trigger-schema.ts";
import { type ControlPlane, newCluster, startControlPlane } from "../control-plane.ts";
import { putTrigger } from "../put-trigger.ts";

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
  const { document } = await putTrigger(plane.dependencies, target("nightly", 1), nightly);
  expect(document.triggers).toEqual([{ ...nightly, name: "nightly", log: "triggers-default", since: document.issuedAt }]);
  expect(document.dataSets).toEqual([{ kind: "state", name: "triggers-default", group: "default", local: [] }]);
  expect(clusterDocumentSchema.parse(document)).toEqual(document);

  plane.clock.nowMs += 60_000;
  const kept = await putTrigger(plane.dependencies, target("nightly", 2), { ...nightly, keptDays: 30 });
  expect(kept.document.triggers?.[0]?.since, "what its schedule has said since then still counts").toBe(document.issuedAt);
  const source = { kind: "schedule", cron: "30 3 * * *", zone: "UTC" } as const;
  const moved = await putTrigger(plane.dependencies, target("nightly", 3), { ...nightly, source });
  expect(moved.document.triggers?.[0]?.since).toBe(moved.document.issuedAt);
  expect(moved.document.dataSets).toHaveLength(1);

  const later = triggerChange(plane.dependencies, "nightly", { ...nightly, source, keptDays: 5 });
  expect(await checkChange(plane.dependencies, clusterId, later, 4)).toEqual({
    version: 4,
    nextVersion: 5,
    consequences: ["trigger nightly: what it sends from now on stays in the log for 5 days"],
  });
  const remove = () => changeDocument(plane.dependencies, clusterId, triggerRemoval("nightly"), 4);
  const gone = await remove();
  expect(gone.document).not.toHaveProperty("triggers");
  await expect(remove()).rejects.toMatchObject({ code: "version-conflict" });
  const never = { kind: "schedule", cron: "0 0 31 2 *", zone: "UTC" } as const;
  await expect(putTrigger(plane.dependencies, target("nightly", 5), { ...nightly, source: never })).rejects.toThrow("never comes");
});

test("a webhook's token is told once, only its digest is in the document, and a change of the trigger leaves it; a new one replaces it", async () => {
  const clusterId = await newCluster(plane, 3);
  const tokenOf = async () => (await plane.dependencies.stores.clusters.find(clusterId))?.document.triggers?.[0]?.source;
  await expect(createTriggerToken(plane.dependencies, { clusterId, trigger: "door" })).rejects.toThrow("has no trigger door");
  await putTrigger(plane.dependencies, { clusterId, trigger: "door", expectedVersion: 1 }, door);
  const { token, path } = await createTriggerToken(plane.dependencies, { clusterId, trigger: "door" });
  expect(path).toBe("/triggers/door");
  const source = { kind: "webhook", tokenSha256: createHash("sha256").update(token).digest("hex") };
  expect(await tokenOf()).toEqual(source);
  await putTrigger(plane.dependencies, { clusterId, trigger: "door", expectedVersion: 3 }, { ...door, keptDays: 5 });
  expect(await tokenOf()).toEqual(source);
  await createTriggerToken(plane.dependencies, { clusterId, trigger: "door" });
  expect(await tokenOf()).not.toEqual(source);
});
