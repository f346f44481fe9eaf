import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { FilesAnswerLine } from "../../../agent/files/files-request.ts";
import type { GroupName } from "../../../shared/domain/ids.ts";
import { eventDetailSchema } from "../../../shared/protocol/event-schema.ts";
import { LoopbackCluster, type TestNode, waitFor } from "../replication/loopback-cluster.ts";
import { pictureOf } from "./shared-manifest.ts";

const group = "default" as GroupName;

/** Real replication threads with real streams between them; who holds the group is said by the test. */
async function clusterOf(size: number): Promise<LoopbackCluster> {
  const cluster = await LoopbackCluster.make(size);
  cluster.document = {
    ...cluster.document,
    groups: [
      { name: group, order: cluster.nodes.map(({ nodeId }) => nodeId), resources: [], failback: { mode: "manual" }, swapOnReset: true },
    ],
    dataSets: [{ kind: "files", name: "prompts", group, local: ["*.tmp"] }],
  };
  for (const node of cluster.nodes) mkdirSync(node.tree);
  return cluster;
}

async function start(node: TestNode, cluster: LoopbackCluster, epoch?: number): Promise<void> {
  await node.start(cluster.document);
  if (epoch === undefined) node.replication?.holdingsChanged([]);
  else await node.replication?.becameOperational({ group, epoch });
}

async function filesOf(node: TestNode): Promise<FilesAnswerLine> {
  const [line] = (await node.replication?.files({ kind: "status" })) ?? [];
  if (line === undefined) throw new Error("no data set of files");
  return line;
}

/** Undefined where something goes while it is looked at. */
function settledPicture(tree: string): Record<string, string> | undefined {
  try {
    return pictureOf(tree);
  } catch {
    return undefined;
  }
}

async function equalTrees(cluster: LoopbackCluster): Promise<Record<string, string>> {
  const running = cluster.nodes.filter(({ replication }) => replication !== undefined);
  try {
    return await waitFor(
      "equal trees",
      () => {
        const pictures = running.map(({ tree }) => settledPicture(tree));
        const [first, ...others] = pictures;
        return first !== undefined && others.every((other) => JSON.stringify(other) === JSON.stringify(first)) && first;
      },
      15_000,
    );
  } catch (error) {
    const known = await Promise.all(running.map((node) => filesOf(node)));
    throw new Error(
      `${String(error)}: ${JSON.stringify(known)} ${JSON.stringify(running.map(({ status, warnings }) => [status, warnings]))}`,
      {
        cause: error,
      },
    );
  }
}

test("three nodes have one tree: what its writer makes, changes, renames and removes is everywhere, and counts as acknowledged only then", async () => {
  await using cluster = await clusterOf(3);
  const [writer, second] = [cluster.node(0), cluster.node(1)];
  writeFileSync(join(writer.tree, "first.wav"), randomBytes(2_000_000));
  // At once: of nodes that find nobody, one alone begins the data set.
  await Promise.all([start(writer, cluster, 1), start(second, cluster), start(cluster.node(2), cluster)]);
  await waitFor("the first tree", async () => (await filesOf(second)).report?.isComplete === true);
  mkdirSync(join(writer.tree, "voice"));
  for (let index = 0; index < 50; index += 1) writeFileSync(join(writer.tree, `voice/${index}.wav`), randomBytes(1_000 * index));
  writeFileSync(join(writer.tree, "not-sent.tmp"), "x");
  await writer.replication?.flush();
  await writer.replication?.barrier("prompts", 10_000);
  expect(Object.keys(pictureOf(second.tree)).length + Object.keys(pictureOf(cluster.node(2).tree)).length).toBeGreaterThanOrEqual(52);
  rmSync(join(writer.tree, "not-sent.tmp"));
  expect(Object.keys(await equalTrees(cluster))).toHaveLength(52);
  renameSync(join(writer.tree, "voice"), join(writer.tree, "renamed"));
  rmSync(join(writer.tree, "first.wav"));
  await writer.replication?.flush();
  expect(Object.keys(await equalTrees(cluster))).toHaveLength(51);
  const [verified] = (await second.replication?.files({ kind: "verify" })) ?? [];
  expect(verified?.verification).toMatchObject({ files: 50, differences: 0, differing: [] });
  await waitFor("everything acknowledged", () => writer.dataSet?.unacknowledged.changes === 0 && second.dataSet?.behind === 0);
});

test("a node that joins late has the tree from whoever has it, the writer's agent being away", async () => {
  await using cluster = await clusterOf(3);
  writeFileSync(join(cluster.node(0).tree, "a"), randomBytes(500_000));
  await start(cluster.node(0), cluster, 1);
  await start(cluster.node(1), cluster);
  await waitFor("the second tree", async () => (await filesOf(cluster.node(1))).report?.isComplete === true);
  await cluster.node(0).stop();
  await start(cluster.node(2), cluster);
  await waitFor("the third tree", async () => (await filesOf(cluster.node(2))).report?.isComplete === true);
  expect(readFileSync(join(cluster.node(2).tree, "a")).equals(readFileSync(join(cluster.node(0).tree, "a")))).toBe(true);
});

test("takeover: the next node writes, and the first one follows it when it is back", async () => {
  await using cluster = await clusterOf(2);
  const [first, second] = [cluster.node(0), cluster.node(1)];
  writeFileSync(join(first.tree, "greeting"), "of the first");
  await start(first, cluster, 1);
  await start(second, cluster);
  await waitFor("the second tree", async () => (await filesOf(second)).report?.isComplete === true);
  await first.stop();
  writeFileSync(join(first.tree, "unsent"), "only here");
  await second.replication?.becameOperational({ group, epoch: 2 });
  writeFileSync(join(second.tree, "greeting"), "of the second");
  await second.replication?.flush();
  await start(first, cluster);
  await equalTrees(cluster);
  expect(readFileSync(join(first.tree, "greeting"), "utf8")).toBe("of the second");
  const journal = readFileSync(join(first.tree, ".understudy/conflicts.jsonl"), "utf8");
  expect(JSON.parse(journal)).toMatchObject({ path: "unsent" });
  expect((await filesOf(first)).report).toMatchObject({ role: "follower", writer: second.nodeId, epoch: 2, setAside: 1 });
  const told = await waitFor("the event", () => first.sawEvent("files.set_aside"));
  expect(eventDetailSchema.parse(told)).toEqual({ kind: "files.set_aside", dataSet: "prompts", paths: 1, first: ["unsent"] });
});

test("what a writer had published and not sent when another one began is fenced: nobody follows it, and it is set aside where it was made", async () => {
  await using cluster = await clusterOf(2);
  const [first, second] = [cluster.node(0), cluster.node(1)];
  writeFileSync(join(first.tree, "greeting"), "of the first");
  writeFileSync(join(first.tree, "removed-late"), "stays");
  await start(first, cluster, 1);
  await start(second, cluster);
  await waitFor("the second tree", async () => (await filesOf(second)).report?.isComplete === true);
  await second.stop();
  writeFileSync(join(first.tree, "greeting"), "late");
  writeFileSync(join(first.tree, "new-late"), "late as well");
  rmSync(join(first.tree, "removed-late"));
  await first.replication?.flush();
  await first.stop();
  await start(second, cluster, 2);
  await second.replication?.flush();
  await start(first, cluster);
  await waitFor("the late entries", () => Object.keys(second.dataSet?.vector ?? {}).some((origin) => origin.startsWith(first.nodeId)));
  const picture = await equalTrees(cluster);
  expect(Object.keys(picture)).toEqual(["greeting", "removed-late"]);
  await waitFor("both set aside", async () => (await filesOf(first)).report?.setAside === 2);
  expect(Object.keys(await equalTrees(cluster))).toEqual(["greeting", "removed-late"]);
  expect(readFileSync(join(first.tree, "greeting"), "utf8")).toBe("of the first");
  expect((await filesOf(second)).report).toMatchObject({ role: "writer", setAside: 0 });
});
