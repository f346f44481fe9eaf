import { expect, it } from "vitest";
import type { DurableRecord } from "../../../shared/domain/failover/durable-record.ts";
import { RecordWriter } from "../../../shared/voter/record-writer.ts";

const recordOf = (incarnation: number): DurableRecord => ({ incarnation, epochCeilings: {}, longPromises: {}, soles: {} });

it("one write at a time, always the newest record; one that fails is tried again after a second, and nothing counts as written before", () => {
  const told: string[] = [];
  const under: ((problem: string | null) => void)[] = [];
  const pauses: (() => void)[] = [];
  const writer = new RecordWriter({
    store: ({ incarnation }, stored) => {
      told.push(`writes ${incarnation}`);
      under.push(stored);
    },
    after: (ms, then) => {
      told.push(`waits ${ms}`);
      pauses.push(then);
    },
    onWritten: ({ incarnation }) => told.push(`has ${incarnation}`),
    onTrouble: (reason) => told.push(reason),
  });
  for (const incarnation of [1, 2, 3]) writer.write(recordOf(incarnation));
  under.shift()?.(null);
  under.shift()?.("disk full");
  writer.write(recordOf(4));
  pauses.shift()?.();
  under.shift()?.("disk full");
  pauses.shift()?.();
  under.shift()?.(null);
  expect(told.join(", ")).toBe("writes 1, has 1, writes 3, disk full, waits 1000, writes 4, disk full, waits 1000, writes 4, has 4");
  expect(writer.isWriting).toBe(false);
});
