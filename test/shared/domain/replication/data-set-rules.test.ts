import { expect, test } from "vitest";
import type { GroupName } from "../../../../shared/domain/ids.ts";
import type { ClusterDocument, DataSet, PriorityGroup } from "../../../../shared/domain/membership/cluster-document.ts";
import { dataSetProblems, hasOneWriter, isOwned, replicatedIn } from "../../../../shared/domain/replication/data-set-rules.ts";
import { dataSetSchema } from "../../../../shared/protocol/cluster-document-schema.ts";

const database: DataSet = { kind: "sqlite", name: "calls", local: ["audit"] };
const state: DataSet = { kind: "state", name: "forwarding", group: "default" as GroupName, local: [] };
const shared: DataSet = { kind: "shared", name: "billing" };
const tree: DataSet = { kind: "files", name: "prompts", group: "default" as GroupName, local: ["*.tmp"] };

/** What is wrong with a data set that declares this. */
function problemsWith(declared: object): string[] {
  const document = { groups: [], dataSets: [{ ...database, ...declared }] } as unknown as ClusterDocument;
  return dataSetProblems(document).map(({ path, message }) => `${path}: ${message}`);
}

test("data sets: one with a single writer needs a group of the document; an application's database needs none", () => {
  const groups = [{ name: "default" }] as PriorityGroup[];
  const problemsOf = (...dataSets: DataSet[]) => dataSetProblems({ groups, dataSets } as unknown as ClusterDocument);
  expect(problemsOf(database, state)).toEqual([]);
  expect(problemsOf(database, { ...state, group: "phones" as GroupName })).toEqual([
    { path: "dataSets.1.group", message: "there is no group phones: whoever holds the group is the data set's writer" },
  ]);
  expect(problemsOf({ ...tree, group: "phones" as GroupName })).toHaveLength(1);
  expect(problemsOf(shared)).toEqual([]);
  expect([database, state, tree, shared].map(isOwned)).toEqual([false, true, false, false]);
  expect([database, state, tree, shared].map(hasOneWriter)).toEqual([false, true, true, false]);
  expect(replicatedIn({ dataSets: [shared, database, state, tree] })).toEqual([database, state, tree]);
});

test("data sets: what is local of a table is said once, and not beside the table itself", () => {
  const columns = { table: "System", columns: ["seen_at"] };
  expect(problemsWith({ local: ["audit", columns, { table: "system", keys: ["node.*"] }] })).toEqual([]);
  expect(problemsWith({ local: ["SYSTEM", columns, { table: "system", columns: ["reader"] }] })).toEqual([
    "dataSets.0.local.1: table System is local as a whole: name either the table or parts of it",
    "dataSets.0.local.2: table system is local as a whole: name either the table or parts of it",
    "dataSets.0.local.2: the local columns of table system are said twice: put them into one entry",
  ]);
  for (const part of [columns, { table: "line", keys: ["9?"], column: "site" }]) {
    expect(dataSetSchema.safeParse({ ...database, local: [part] }).success).toBe(true);
    expect(dataSetSchema.safeParse({ ...state, local: [part] }).success).toBe(false);
  }
  for (const part of [{ table: "line" }, { table: "line", columns: [] }, { table: "line", keys: ["*"], columns: ["a"] }]) {
    expect(dataSetSchema.safeParse({ ...database, local: [part] }).success).toBe(false);
  }
});

test("data sets: a policy for each replicated table once, and nodes in an order once", () => {
  const node = "node_00000000000000000000";
  expect(
    problemsWith({
      conflicts: [
        { table: "call", policy: "priority", order: [node] },
        { table: "prompt", policy: "manual" },
      ],
    }),
  ).toEqual([]);
  expect(
    problemsWith({
      conflicts: [
        { table: "call", policy: "newest" },
        { table: "CALL", policy: "priority", order: [node, node] },
        { table: "Audit", policy: "manual" },
      ],
    }),
  ).toEqual([
    "dataSets.0.conflicts.1: table CALL has a policy already: SQLite's names of tables know no case",
    "dataSets.0.conflicts.1: a node stands in the order twice",
    "dataSets.0.conflicts.2: table Audit is local: nobody else writes its rows",
  ]);
  const declared = { ...database, conflicts: [{ table: "call", policy: "priority", order: [node] }] };
  expect(dataSetSchema.parse(declared)).toEqual(declared);
  for (const wrong of [
    { policy: "priority" },
    { policy: "priority", order: [] },
    { policy: "manual", order: [node] },
    { policy: "oldest" },
  ])
    expect(dataSetSchema.safeParse({ ...database, conflicts: [{ table: "call", ...wrong }] }).success).toBe(false);
});

test("data sets: as older documents have them, and records without tables of their own", () => {
  expect(dataSetSchema.parse(database)).toEqual(database);
  expect(dataSetSchema.parse({ kind: "config", name: "settings", group: "default" })).toEqual({
    kind: "config",
    name: "settings",
    group: "default",
    local: [],
  });
  expect(dataSetSchema.parse(tree)).toEqual(tree);
  for (const wrong of [
    { ...state, local: ["audit"] },
    { ...state, group: undefined },
    { ...database, group: "default" },
    { ...state, kind: "mysql" },
  ])
    expect(dataSetSchema.safeParse(wrong).success).toBe(false);
});
