import { expect, it } from "vitest";
import { Interrupted, WorkSignal } from "../../../agent/files/work-signal.ts";

it("who wanted a whole round has another one where the first was interrupted", async () => {
  const signal = new WorkSignal();
  let isDone = false;
  const flush = async (): Promise<void> => {
    await signal.flush();
    isDone = true;
  };
  const flushed = flush();
  expect([signal.begin(), signal.wantsFlush]).toEqual([true, true]);
  signal.interrupt();
  signal.finish(new Error("left in the middle"));
  await Promise.resolve();
  expect(isDone).toBe(false);
  expect([signal.begin(), signal.wantsFlush]).toEqual([true, true]);
  signal.finish(undefined);
  await flushed;
});

it("a round that fails says so to whoever wanted it", async () => {
  const signal = new WorkSignal();
  const flushed = signal.flush();
  signal.begin();
  signal.finish(new Error("the disk is gone"));
  await expect(flushed).rejects.toThrow("the disk is gone");
});

it("an interruption ends the waiting for what may take long, once", async () => {
  const signal = new WorkSignal();
  signal.begin();
  const never = signal.unlessInterrupted(new Promise(() => {}));
  const next = signal.nextRound();
  await expect(never).rejects.toThrow(Interrupted);
  expect(() => signal.check()).toThrow(Interrupted);
  expect(signal.begin()).toBe(true);
  await next;
  await expect(signal.unlessInterrupted(Promise.resolve(7))).resolves.toBe(7);
});

it("waiting ends when something stirs, also when it did so before", async () => {
  const signal = new WorkSignal();
  signal.begin();
  signal.stir();
  await signal.wait(60_000);
  signal.begin();
  const waiting = signal.wait(60_000);
  signal.stir();
  await waiting;
});

it("at the end there are no more rounds, and who still waits hears it", async () => {
  const signal = new WorkSignal();
  const flushed = signal.flush();
  signal.end();
  expect(signal.begin()).toBe(false);
  await expect(flushed).rejects.toThrow("stopping");
});

it("whoever works in turns lets the thread's other work go on, and leaves off where the round is interrupted", async () => {
  const signal = new WorkSignal();
  signal.begin();
  const others = { turns: 0 };
  const counting = setInterval(() => {
    others.turns += 1;
  }, 1);
  try {
    const untilMs = performance.now() + 5_000;
    while (others.turns <= 3 && performance.now() < untilMs) await signal.turn();
    expect(others.turns).toBeGreaterThan(3);
    signal.interrupt();
    await expect(signal.turn()).rejects.toThrow(Interrupted);
  } finally {
    clearInterval(counting);
  }
});
