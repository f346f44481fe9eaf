import { expect, it, vi } from "vitest";
import { RecentWrites } from "../../../agent/records/recent-writes.ts";
import type { ForwardedWrite, WriteAnswer } from "../../../shared/protocol/record-frames.ts";

const minuteMs = 60_000;

function write(id: string, value = "1"): ForwardedWrite {
  const change = { kind: "put", value, ttlMs: null } as const;
  return { id, dataSet: "calls", key: "a", change, condition: { is: "any" }, durability: "local", timeoutMs: 1 };
}

const answer = (status: number): WriteAnswer => ({ status, body: "{}", etag: null });

it("makes a write once under one id, also while it is still being made, and for ten minutes", async () => {
  const recent = new RecentWrites();
  const made = Promise.withResolvers<WriteAnswer>();
  const make = vi.fn(() => made.promise);
  const [first, second] = [recent.once(write("one"), make, 0), recent.once(write("one"), make, 1)];
  made.resolve(answer(200));
  expect([await first, await second]).toEqual([answer(200), answer(200)]);
  expect(await recent.once(write("one"), make, 10 * minuteMs)).toEqual(answer(200));
  expect(make).toHaveBeenCalledTimes(1);
  await recent.once(write("one"), make, 10 * minuteMs + 1);
  expect(make).toHaveBeenCalledTimes(2);
});

it("makes again what was refused or has failed: nothing was written; and keeps what may have been written", async () => {
  for (const [how, times] of [
    [() => Promise.resolve(answer(409)), 2],
    [() => Promise.reject(new Error("no disk")), 2],
    [() => Promise.resolve(answer(504)), 1],
  ] as const) {
    const recent = new RecentWrites();
    const make = vi.fn<() => Promise<WriteAnswer>>(how);
    await recent.once(write("one"), make, 0).catch(() => undefined);
    await recent.once(write("one"), make, 1).catch(() => undefined);
    expect(make).toHaveBeenCalledTimes(times);
  }
});

it("refuses an id that was another write's", async () => {
  const recent = new RecentWrites();
  await recent.once(write("one"), () => Promise.resolve(answer(200)), 0);
  await expect(recent.once(write("one", "2"), () => Promise.resolve(answer(200)), 1)).rejects.toMatchObject({ status: 400 });
});

it("keeps the last thousand", async () => {
  const recent = new RecentWrites();
  const make = vi.fn(() => Promise.resolve(answer(200)));
  for (let number = 0; number <= 1_000; number += 1) await recent.once(write(`id-${number}`), make, 0);
  await recent.once(write("id-1000"), make, 0);
  expect(make).toHaveBeenCalledTimes(1_001);
  await recent.once(write("id-0"), make, 0);
  expect(make).toHaveBeenCalledTimes(1_002);
});
