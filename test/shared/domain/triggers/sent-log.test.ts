import { expect, it } from "vitest";
import type { GroupName, NodeId } from "../../../../shared/domain/ids.ts";
import { type Attempt, logKeys, sentOccurrences, settleOpen } from "../../../../shared/domain/triggers/sent-log.ts";

const attempt = (change: Partial<Attempt> = {}): Attempt => ({
  trigger: "bell",
  key: "2026-01-01T00:00:00Z",
  dueMs: 1_767_225_600_000,
  group: "default" as GroupName,
  epoch: 1,
  run: "r1",
  node: { nodeId: "node_a" as NodeId, name: "node-a" },
  begunAt: "2026-01-01T00:00:00Z",
  endedAt: null,
  outcome: "begun",
  isReplicated: true,
  results: [],
  payload: null,
  ...change,
});
const result = (name: string, outcome: "done" | "failed") =>
  ({ name, kind: "command", outcome, tries: 1, at: "2026-01-01T00:00:01Z", detail: "" }) as const;
const nobody = () => false;

it("what a dead node left open is done again, but for what of it was done for sure", () => {
  const left = attempt({ results: [result("ring", "done"), result("tell", "failed")] });
  const { repeat, close } = settleOpen([left], [], nobody);
  expect(repeat).toEqual([{ ...left, results: [result("ring", "done")] }]);
  expect(close).toEqual([left]);
});

it("two that died with the same occurrence are one to do again, and two to close", () => {
  const [one, other] = [
    attempt({ results: [result("ring", "done")] }),
    attempt({ epoch: 2, run: "r2", results: [result("tell", "done")] }),
  ];
  const { repeat, close } = settleOpen([one, other], [], nobody);
  expect(repeat.map(({ results }) => results.map(({ name }) => name))).toEqual([["ring", "tell"]]);
  expect(close).toEqual([one, other]);
});

it("nothing is done again that has ended, or that the holder is at; an attempt that has ended itself keeps what it said", () => {
  const open = attempt();
  const done = attempt({ outcome: "done" });
  const later = attempt({ epoch: 2, run: "r2", outcome: "done" });
  expect(settleOpen([open], [later], nobody)).toEqual({ repeat: [], close: [open], forget: [] });
  expect(settleOpen([open], [done], nobody)).toEqual({ repeat: [], close: [], forget: [open] });
  const own = attempt({ epoch: 3, run: "r3" });
  expect(settleOpen([open, own], [], ({ run }) => run === "r3")).toEqual({ repeat: [], close: [open], forget: [] });
  const unknown = attempt({ epoch: 2, run: "r2", outcome: "unknown" });
  expect(settleOpen([open], [unknown], nobody).repeat, "nobody knows of either").toHaveLength(1);
});

it("the log says of each occurrence what came of it in the end, by whom, and how often it may have been done", () => {
  const later = attempt({ key: "2026-01-01T00:05:00Z", dueMs: 1_767_225_900_000, outcome: "failed" });
  const lines = sentOccurrences([attempt({ outcome: "unknown" }), attempt({ epoch: 2, run: "r2", outcome: "done" }), later]);
  expect(lines.map(({ id, outcome, repeats, attempts }) => [id, outcome, repeats, attempts.map(({ epoch }) => epoch)])).toEqual([
    ["bell/2026-01-01T00:05:00Z", "failed", 0, [1]],
    ["bell/2026-01-01T00:00:00Z", "done", 1, [1, 2]],
  ]);
});

it("keys put what is newer first", () => {
  expect(logKeys.sent(attempt({ dueMs: attempt().dueMs + 1 })) < logKeys.sent(attempt())).toBe(true);
});
