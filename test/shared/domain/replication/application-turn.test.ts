import { describe, expect, it } from "vitest";
import { type ApplicationTurn, afterHolding, noTurn } from "../../../../shared/domain/replication/application-turn.ts";

/** When SQLite's own busy handler looks, from its first look on (sqliteDefaultBusyCallback). */
function* looksMs(): Generator<number> {
  const delaysMs = [1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50];
  let at = 0;
  for (let look = 0; ; look += 1) {
    yield at;
    at += delaysMs[look] ?? 100;
  }
}

interface Hold {
  readonly beganMs: number;
  readonly endedMs: number;
}

/** An agent that has always more to apply, `tookMs` a transaction and `gapMs` between two; it asks again every 20 ms. */
function busyAgent(tookMs: number, gapMs: number): readonly Hold[] {
  const holds: Hold[] = [];
  let turn: ApplicationTurn = noTurn;
  for (let nowMs = 0; nowMs < 30_000; ) {
    if (nowMs < turn.untilMs) {
      nowMs += 20;
      continue;
    }
    const hold = { beganMs: nowMs, endedMs: nowMs + tookMs };
    holds.push(hold);
    turn = afterHolding(turn, hold);
    nowMs = hold.endedMs + gapMs;
  }
  return holds;
}

function worstWaitMs(holds: readonly Hold[]): number {
  const isHeld = (atMs: number) => holds.some(({ beganMs, endedMs }) => atMs >= beganMs && atMs < endedMs);
  let worst = 0;
  for (let startMs = 20_000; startMs < 22_000; startMs += 7) {
    for (const waited of looksMs()) {
      if (waited > 20_000) throw new Error(`who comes at ${startMs} ms never finds the lock free`);
      if (isHeld(startMs + waited)) continue;
      worst = Math.max(worst, waited);
      break;
    }
  }
  return worst;
}

describe("whoever waits for the lock as SQLite does gets it, however long the agent's transactions are", () => {
  it.each([5, 20, 40, 100, 160, 177, 300, 1_000])("%i ms each", (tookMs) => {
    expect(worstWaitMs(busyAgent(tookMs, 1))).toBeLessThanOrEqual(Math.max(2 * tookMs, 400));
  });
});

it("without that, somebody waits for seconds", () => {
  const holds = Array.from({ length: 600 }, (_, at) => ({ beganMs: at * 100, endedMs: at * 100 + 99 }));
  const worst = (): number => worstWaitMs(holds);
  expect(worst).toThrow("never finds the lock free");
});

it("an agent that leaves the file free by itself is not held up", () => {
  const holds = busyAgent(3, 2);
  expect(holds.every(({ beganMs }, at) => at === 0 || beganMs - (holds[at - 1]?.endedMs ?? 0) <= 2)).toBe(true);
});

it("it has the file for more than two thirds of the time while there is much to apply", () => {
  const held = busyAgent(160, 1).reduce((sum, { beganMs, endedMs }) => sum + endedMs - beganMs, 0);
  expect(held / 30_000).toBeGreaterThan(0.66);
});
