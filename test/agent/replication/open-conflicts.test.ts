import { expect, test } from "vitest";
import type { ConflictLine } from "../../../agent/replication/conflict-record.ts";
import { LoopbackCluster, type TestNode, waitFor } from "./loopback-cluster.ts";
import { createMusicShop, openShop } from "./music-shop.ts";

function setTheme(node: TestNode, value: string): void {
  using shop = openShop(node.database);
  shop.prepare("UPDATE setting SET value = ? WHERE name = 'theme'").run(value);
}

function theme(node: TestNode): unknown {
  using shop = openShop(node.database);
  return shop.prepare("SELECT value FROM setting WHERE name = 'theme'").get()?.["value"];
}

/** What is written from now on says that somebody decides. */
function isCapturedSo(node: TestNode): boolean {
  using shop = openShop(node.database);
  return shop.prepare("SELECT 1 FROM _understudy_shape WHERE form LIKE '%\"manual\"%'").get() !== undefined;
}

test("a document declares that somebody decides, while all run: what two nodes write apart waits, is counted and told of, and is settled everywhere by one", async () => {
  await using cluster = await LoopbackCluster.make(2);
  const [first, second] = [cluster.node(0), cluster.node(1)];
  createMusicShop(first.database);
  await cluster.start();
  const document = {
    ...cluster.document,
    version: 2,
    dataSets: [{ kind: "sqlite", name: "application", local: [], conflicts: [{ table: "setting", policy: "manual" }] } as const],
  };
  for (const { replication } of cluster.nodes) replication?.documentChanged(document);
  await waitFor("the declaration", () => cluster.nodes.every(isCapturedSo));

  await second.stop();
  setTheme(first, "first");
  setTheme(second, "second");
  await second.start(document);
  await waitFor("the count", () => cluster.nodes.every(({ dataSet }) => dataSet?.openConflicts === 1));
  for (const node of cluster.nodes) await waitFor("the event", () => node.sawEvent("replication.conflicts-open"));
  expect(cluster.nodes.map((node) => node.sawEvent("replication.conflicts-open")?.open)).toEqual([1, 1]);
  expect(cluster.nodes.map(theme)).toEqual(["first", "first"]);

  const lines = (await second.replication?.conflicts({ kind: "list", limit: 10, open: true })) as readonly ConflictLine[] | undefined;
  await second.replication?.conflicts({ kind: "resolve", id: lines?.[0]?.id ?? 0, decision: "take" });
  await waitFor("the decision", () => cluster.nodes.every((node) => theme(node) === "second"));
  await waitFor("the end of it", () => cluster.nodes.every(({ dataSet }) => dataSet?.openConflicts === undefined));
});
