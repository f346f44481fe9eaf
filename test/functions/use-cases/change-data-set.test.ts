import { afterAll, beforeAll, expect, test } from "vitest";
import { changeDataSet, checkDataSet } from "../../../functions/use-cases/change-data-set.ts";
import type { GroupName, NodeId } from "../../../shared/domain/ids.ts";
import type { DataSet } from "../../../shared/domain/membership/cluster-document.ts";
import { type ControlPlane, newCluster, startControlPlane } from "../control-plane.ts";

let plane: ControlPlane;
beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(() => plane.close());

const state: DataSet = { kind: "state", name: "calls", group: "default" as GroupName, local: [] };

test("a data set of records is declared, and changed; where its group is not there, or it would be of another kind, nothing changes", async () => {
  const clusterId = await newCluster(plane, 3);
  const change = (expectedVersion: number, dataSet: DataSet) => changeDataSet(plane.dependencies, { clusterId, expectedVersion }, dataSet);
  const { document } = await change(1, state);
  expect(document).toMatchObject({ version: 2, dataSets: [state] });
  await expect(change(2, { ...state, group: "phones" as GroupName })).rejects.toMatchObject({
    code: "invalid-request",
    problems: [{ path: "dataSets.0.group", message: expect.stringContaining("there is no group phones") }],
  });
  await expect(change(2, { kind: "sqlite", name: "calls", local: [] })).rejects.toThrow("data set calls is of kind state");
  await expect(change(1, state)).rejects.toMatchObject({ code: "version-conflict" });
  await expect(
    change(2, {
      kind: "sqlite",
      name: "crm",
      local: [],
      conflicts: [{ table: "a", policy: "priority", order: ["node_zzzzzzzzzzzzzzzzzzzz" as NodeId] }],
    }),
  ).rejects.toThrow("there is no node node_zzzzzzzzzzzzzzzzzzzz in the cluster, which an order of data set crm's conflicts names");
  const more = await change(2, { kind: "sqlite", name: "crm", local: [] });
  const changed = await change(3, { kind: "sqlite", name: "crm", local: ["audit"] });
  expect([more, changed].map((cluster) => cluster.document.dataSets)).toEqual([
    [state, { kind: "sqlite", name: "crm", local: [] }],
    [state, { kind: "sqlite", name: "crm", local: ["audit"] }],
  ]);
});

test("a declaration is checked by the same rules, and nothing is changed", async () => {
  const clusterId = await newCluster(plane, 2);
  const { stores } = plane.dependencies;
  const before = await stores.clusters.find(clusterId);
  const check = (expectedVersion: number, dataSet: DataSet) => checkDataSet(plane.dependencies, { clusterId, expectedVersion }, dataSet);
  await check(1, { kind: "files", name: "prompts", group: "default" as GroupName, local: ["*.tmp"] });
  await expect(check(2, state)).rejects.toMatchObject({ code: "version-conflict" });
  await expect(check(1, { ...state, group: "phones" as GroupName })).rejects.toMatchObject({ code: "invalid-request" });
  expect(await stores.clusters.find(clusterId)).toEqual(before);
});
