import { expect, it, vi } from "vitest";
import type { RecordAnswers, RecordRequest, StoredRecord } from "../../../agent/records/record-request.ts";
import { readSent } from "../../../agent/triggers/read-sent.ts";
import { RecentRuns } from "../../../agent/triggers/recent-runs.ts";
import { TriggerLog } from "../../../agent/triggers/trigger-log.ts";
import type { GroupName, NodeId } from "../../../shared/domain/ids.ts";
import { type Attempt, logKeys } from "../../../shared/domain/triggers/sent-log.ts";
import { testNodeId } from "../cluster-signer.ts";

const node = { nodeId: testNodeId(1) as NodeId, name: "node-a" };
const beginMs = Date.UTC(2026, 0, 1);

/** A log that holds these attempts, and answers reads alone. */
function logOf(attempts: readonly Attempt[]): TriggerLog {
  const rows = new Map(attempts.map((attempt) => [attempt.outcome === "begun" ? logKeys.open(attempt) : logKeys.sent(attempt), attempt]));
  const keys = [...rows.keys()].toSorted();
  const records = async (request: RecordRequest): Promise<RecordAnswers["list"]> => {
    if (request.kind !== "list") throw new Error(`it only reads, and was asked to ${request.kind}`);
    const found = keys.filter((key) => key.startsWith(request.prefix) && key > request.after);
    const page = found.slice(0, request.limit).map((key) => ({ key, value: JSON.stringify(rows.get(key)) }) as StoredRecord);
    return { records: page, more: found.length > request.limit, position: "" };
  };
  return new TriggerLog({ dataSet: "sent", records: records as never, barrier: () => Promise.reject(new Error("no")), tenure: () => null });
}

function attempt(trigger: string, second: number, more: Partial<Attempt> = {}): Attempt {
  const dueMs = beginMs + second * 1_000;
  const at = new Date(dueMs).toISOString();
  const ended = { outcome: "done", begunAt: at, endedAt: at, isReplicated: true, results: [], payload: null } as const;
  return { trigger, key: at.replace(".000Z", "Z"), dueMs, group: "default" as GroupName, epoch: 1, run: "r1", node, ...ended, ...more };
}

/** Every second, twice every tenth; beside it one that comes once, at the very beginning, and another at each hundredth second. */
const busy = Array.from({ length: 1_200 }, (_, second) => [
  attempt("busy", second),
  ...(second % 10 === 0 ? [attempt("busy", second, { epoch: 2, run: "r2" })] : []),
  ...(second % 100 === 0 ? [attempt("hundredth", second)] : []),
]).flat();
const log = logOf([...busy, attempt("rare", 0), attempt("open", 1_300, { outcome: "begun", endedAt: null })]);

it("page after page gives every occurrence once and whole, also where several were due in one instant", async () => {
  const all = await readSent([log], { limit: 10_000, trigger: null, beforeMs: null });
  expect([all.length, all[0]?.trigger]).toEqual([1_200 + 12 + 1 + 1, "open"]);
  const paged = [];
  for (let beforeMs: number | null = null; ; beforeMs = paged.at(-1)?.dueMs ?? null) {
    const page = await readSent([log], { limit: 101, trigger: null, beforeMs });
    paged.push(...page);
    if (page.length < 101) break;
  }
  expect(paged.map(({ id }) => id).toSorted()).toEqual(all.map(({ id }) => id).toSorted());
  expect(paged.filter(({ repeats }) => repeats === 1)).toHaveLength(120);
});

it("of one rare trigger among busy ones all is found, and no more than is wanted", async () => {
  expect((await readSent([log], { limit: 1, trigger: "rare", beforeMs: null })).map(({ dueMs }) => dueMs)).toEqual([beginMs]);
  const some = await readSent([log], { limit: 2, trigger: "hundredth", beforeMs: beginMs + 1_000_000 });
  expect(some.map(({ dueMs }) => (dueMs - beginMs) / 1_000)).toEqual([900, 800]);
});

it("the newest runs are read once at first, then at most once a minute, and only of triggers that this node runs", async () => {
  let reads = 0;
  let names = new Set(["busy", "rare"]);
  const logs = () => {
    reads += 1;
    if (reads === 2) throw new Error("it is away");
    return [log];
  };
  const told: string[] = [];
  const sleeps: { readonly ms: number; readonly wake: () => void }[] = [];
  const sleep = (ms: number) => new Promise<void>((wake) => sleeps.push({ ms, wake }));
  const recent = new RecentRuns({ logs, names: () => names, sleep, log: { warn: (text: string) => told.push(text) } as never });
  for (const _ of [1, 2, 3]) recent.note();
  await vi.waitFor(() => expect(sleeps.map(({ ms }) => ms)).toEqual([60_000]));
  expect([reads, recent.runs.map(({ trigger, dueMs, repeats }) => [trigger, (dueMs - beginMs) / 1_000, repeats])]).toEqual([
    1,
    [
      ["busy", 1_199, 0],
      ["busy", 1_198, 0],
      ["busy", 1_197, 0],
    ],
  ]);
  recent.note();
  sleeps.at(-1)?.wake();
  await vi.waitFor(() => expect(sleeps).toHaveLength(2));
  expect([reads, told]).toEqual([2, ["what triggers have done is not reported: it is away"]]);
  sleeps.at(-1)?.wake();
  await vi.waitFor(() => expect(sleeps).toHaveLength(3));
  expect(reads, "what could not be read is read again").toBe(3);
  names = new Set();
  expect(recent.runs).toEqual([]);
  sleeps.at(-1)?.wake();
  await recent.close();
});
