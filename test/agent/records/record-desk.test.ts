import { expect, test, vi } from "vitest";
import { isRefusal, type RecordAnswer, type RecordRequest, type StoredRecord } from "../../../agent/records/record-request.ts";
import { monotonicUs } from "../../../agent/resources/monotonic.ts";
import { limits } from "../../../shared/config/limits.ts";
import type { GroupName } from "../../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../../shared/domain/membership/cluster-document.ts";
import { usFromMs } from "../../../shared/domain/time.ts";
import { LoopbackCluster, type TestNode, waitFor } from "../replication/loopback-cluster.ts";

vi.setConfig({ testTimeout: 60_000 });

const dataSet = "calls";
const any = { is: "any" } as const;

function tenure(epoch: number) {
  return { epoch, untilUs: monotonicUs() + usFromMs(5_000) };
}

/** Servers on loopback with one data set of records; no agent decides who writes: each test says it by a tenure. */
async function cluster(size: number): Promise<LoopbackCluster> {
  const made = await LoopbackCluster.make(size);
  const dataSets: ClusterDocument["dataSets"] = [{ kind: "state", name: dataSet, group: "default" as GroupName, local: [] }];
  made.document = { ...made.document, dataSets };
  await made.start();
  return made;
}

async function ask<Request extends RecordRequest>(node: TestNode, request: Request): Promise<RecordAnswer<Request["kind"]>> {
  if (node.replication === undefined) throw new Error("the node does not run");
  return node.replication.records(request);
}

async function put(
  node: TestNode,
  key: string,
  value: string,
  more: Partial<Extract<RecordRequest, { kind: "put" }>> = {},
): Promise<StoredRecord> {
  const answer = await ask(node, { kind: "put", dataSet, key, value, ttlMs: null, condition: any, tenure: tenure(1), ...more });
  if (isRefusal(answer)) throw new Error(`${answer.refused}: ${answer.reason}`);
  return answer;
}

async function get(node: TestNode, key: string): Promise<StoredRecord | null> {
  const answer = await ask(node, { kind: "get", dataSet, key });
  if (answer !== null && isRefusal(answer)) throw new Error(answer.reason);
  return answer;
}

test("a record is written on one node, is the same on every node, and its version names the commit that tells who has it", async () => {
  await using three = await cluster(3);
  const [first, second, third] = [three.node(0), three.node(1), three.node(2)];
  const written = await put(first, "forward/100", '{"to":"200"}');
  expect(written).toMatchObject({ key: "forward/100", value: '{"to":"200"}', expiresAt: null });
  for (const node of [second, third])
    expect(await waitFor("the record", async () => (await get(node, "forward/100")) ?? undefined)).toEqual(written);
  await waitFor("everybody to have it", async () => {
    const state = await ask(first, { kind: "commit", dataSet, commit: written.version });
    return !isRefusal(state) && state.heldBy.length === 3;
  });

  await third.stop();
  const later = await put(first, "forward/100", '{"to":"300"}', { condition: { is: "version", version: written.version } });
  const state = await waitFor("the second to have it", async () => {
    const told = await ask(first, { kind: "commit", dataSet, commit: later.version });
    return !isRefusal(told) && told.heldBy.length === 2 && told;
  });
  expect(state).toEqual({ commit: later.version, heldBy: [first.nodeId, second.nodeId], lackedBy: [third.nodeId] });
  expect(await ask(first, { kind: "commit", dataSet, commit: `${first.nodeId}:1-99` })).toMatchObject({ refused: "unknown-commit" });
});

test("compare and set: a write in ignorance of another is refused, and says what there is", async () => {
  await using one = await cluster(1);
  const node = one.node(0);
  const first = await put(node, "a", "1", { condition: { is: "absent" } });
  await expect(put(node, "a", "2", { condition: { is: "absent" } })).rejects.toThrow(
    `version-differs: that there be no record is asked for, and it has version ${first.version}`,
  );
  const second = await put(node, "a", "2", { condition: { is: "version", version: first.version } });
  await expect(put(node, "a", "3", { condition: { is: "version", version: first.version } })).rejects.toThrow("version-differs");
  await expect(put(node, "b", "1", { condition: { is: "present" } })).rejects.toThrow("version-differs");
  const deletion = { kind: "delete", dataSet, key: "a", tenure: tenure(1) } as const;
  expect(await ask(node, { ...deletion, condition: { is: "version", version: first.version } })).toMatchObject({
    refused: "version-differs",
  });
  expect(await ask(node, { ...deletion, condition: { is: "version", version: second.version } })).toMatchObject({
    commit: expect.any(String),
  });
  expect(await ask(node, { ...deletion, condition: any })).toMatchObject({ refused: "unknown-record" });
  // A record that was there before and is there again has another version: nobody can take it for the earlier one.
  expect((await put(node, "a", "1")).version).not.toBe(first.version);
});

test("without a lease nothing is written, and under an older epoch than the file has seen neither", async () => {
  await using two = await cluster(2);
  const [first, second] = [two.node(0), two.node(1)];
  await expect(put(first, "a", "1", { tenure: { epoch: 4, untilUs: monotonicUs() } })).rejects.toThrow(
    "not-the-writer: the lease has ended",
  );
  await put(first, "a", "1", { tenure: tenure(4) });
  await waitFor("the record", () => get(second, "a"));
  await put(second, "a", "2", { tenure: tenure(5) });
  await waitFor("the successor's write", async () => (await get(first, "a"))?.value === "2");
  await expect(put(first, "a", "3", { tenure: tenure(4) })).rejects.toThrow("not-the-writer: epoch 4 is over");
  expect((await get(first, "a"))?.value).toBe("2");
});

test("a writer that is cut off and goes on loses to its successor when it is back, and keeps what nobody else has written", async () => {
  await using two = await cluster(2);
  const [first, second] = [two.node(0), two.node(1)];
  await put(first, "shared", '"before"', { tenure: tenure(4) });
  await waitFor("the record", () => get(second, "shared"));
  await second.stop();
  await put(first, "shared", '"late"', { tenure: tenure(4) });
  await put(first, "own", '"late, and nobody else\'s"', { tenure: tenure(4) });
  await first.stop();
  await second.start(two.document);
  await second.following();
  await put(second, "shared", '"after"', { tenure: tenure(5) });
  await first.start(two.document);
  await waitFor("the fenced write to lose", async () => (await get(first, "shared"))?.value === '"after"');
  await waitFor("what it alone held", async () => (await get(second, "own")) !== null);
  expect((await get(second, "shared"))?.value).toBe('"after"');
  const conflicts = await second.replication?.conflicts({ kind: "list", limit: 5 });
  expect(conflicts).toMatchObject([{ table: "record", key: ["shared"], reason: "same-row" }]);
  // Written again by anybody but its writer, it would stand on this node alone.
  await expect(second.replication?.conflicts({ kind: "reapply", id: 1 })).rejects.toThrow(
    "data set calls has a single writer: write the value again there",
  );
});

test("what has expired is read by nobody, and its writer deletes it everywhere", async () => {
  await using two = await cluster(2);
  const [first, second] = [two.node(0), two.node(1)];
  await put(first, "queue/1", "1", { ttlMs: 300 });
  await put(first, "queue/2", "2");
  await waitFor("the records", () => get(second, "queue/2"));
  await waitFor("it to expire", async () => (await get(second, "queue/1")) === null);
  const page = await ask(second, { kind: "list", dataSet, prefix: "", after: "", limit: 10 });
  expect(!isRefusal(page) && page.records.map(({ key }) => key)).toEqual(["queue/2"]);
  expect(await ask(first, { kind: "expire", dataSet, tenure: tenure(1) })).toEqual({ deleted: 1 });
  expect(await ask(first, { kind: "expire", dataSet, tenure: tenure(1) })).toEqual({ deleted: 0 });
  await waitFor("the deletion", async () => (await second.replication?.digest(dataSet))?.["record"]?.rows === 1);
  expect(
    await ask(first, { kind: "put", dataSet, key: "queue/1", value: "3", ttlMs: null, condition: { is: "absent" }, tenure: tenure(1) }),
  ).toMatchObject({ value: "3" });
});

test("lists by prefix in pages, in the order of the keys", async () => {
  await using one = await cluster(1);
  const node = one.node(0);
  for (const key of ["b/1", "a", "b/2", "b", "b/3", "c", "b/ä"]) await put(node, key, "1");
  const list = async (after: string) => {
    const page = await ask(node, { kind: "list", dataSet, prefix: "b/", after, limit: 2 });
    if (isRefusal(page)) throw new Error(page.reason);
    return [page.records.map(({ key }) => key), page.more] as const;
  };
  expect(await list("")).toEqual([["b/1", "b/2"], true]);
  expect(await list("b/2")).toEqual([["b/3", "b/ä"], false]);
  const large = `"${"x".repeat(limits.recordValueBytesMax - 2)}"`;
  for (let index = 0; index < 20; index += 1) await put(node, `large/${String(index).padStart(2, "0")}`, large);
  const page = await ask(node, { kind: "list", dataSet, prefix: "large/", after: "", limit: 100 });
  expect(!isRefusal(page) && [page.records.length, page.more]).toEqual([16, true]);
});

test("whoever watches hears of every write that comes, from wherever, and goes on from where it was", async () => {
  await using two = await cluster(2);
  const [first, second] = [two.node(0), two.node(1)];
  const watch = async (after: string | null, waitMs = 5_000) => {
    const told = await ask(second, { kind: "changes", dataSet, prefix: "a", after, waitMs });
    if (isRefusal(told)) throw new Error(told.refused);
    return told;
  };
  const { position } = await watch(null);
  const waiting = watch(position);
  await put(first, "b", "not asked for");
  await put(first, "a1", "1");
  const heard = await waiting;
  expect(heard.changes).toMatchObject([{ key: "a1", record: { value: "1" } }]);
  await ask(first, { kind: "delete", dataSet, key: "a1", condition: any, tenure: tenure(1) });
  await put(first, "a2", "2");
  await waitFor("both", async () => (await get(second, "a2")) !== null);
  expect((await watch(heard.position)).changes).toMatchObject([
    { key: "a1", record: null },
    { key: "a2", record: { value: "2" } },
  ]);
  // The very same again: a position is a place, and is not used up.
  expect((await watch(position)).changes.map(({ key }) => key)).toEqual(["a1", "a2"]);
  const end = await watch(heard.position);
  expect(await watch(end.position, 50)).toEqual({ changes: [], position: end.position });
  await expect(watch("1@node_00000000000000000009:1")).rejects.toThrow("position-gone");
});

test("a data set that is not of records, or not there, is refused by name", async () => {
  await using one = await LoopbackCluster.make(1);
  const node = one.node(0);
  await node.start(one.document);
  expect(await ask(node, { kind: "get", dataSet: "application", key: "a" })).toEqual({
    refused: "unknown-data-set",
    reason: "this node has no data set of records called application",
  });
});
