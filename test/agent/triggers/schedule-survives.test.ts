import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { cronTimes } from "../../../agent/triggers/cron-times.ts";
import type { GroupName } from "../../../shared/domain/ids.ts";
import type { Trigger } from "../../../shared/domain/triggers/trigger.ts";
import { VirtualSite } from "./virtual-site.ts";

const rounds = 200;
const periodMs = 5_000;
/** More than anything that a holder does about one occurrence takes. */
const stepsMax = 40;
const failoverMs = 600;
const startMs = Date.UTC(2026, 0, 1);
const schedule = { kind: "schedule", cron: "*/5 * * * * *", zone: "UTC" } as const;
const trigger: Trigger = {
  name: "bell",
  group: "default" as GroupName,
  log: "sent",
  since: new Date(startMs).toISOString(),
  source: schedule,
  actions: [
    { kind: "command", name: "ring", command: "ring" },
    { kind: "udp-multicast", name: "tell", address: "239.1.1.1", port: 5_000, ttl: 1, text: "ring" },
  ],
  late: { withinSeconds: 3_600, atMost: 100 },
  keptDays: 90,
};

const settle = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers({ now: startMs, toFake: ["setTimeout", "clearTimeout", "Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

it.each([1])(
  "seed %i: a schedule comes 200 times while its server dies between any two steps of it: none is missed, what was done twice is told by its id",
  async (seed) => {
    const site = new VirtualSite(seed, trigger);
    const { random } = site;
    site.take(random.pick(site.nodes));
    for (let round = 1; round <= rounds; round += 1) {
      const dueMs = startMs + round * periodMs;
      await settle(dueMs - 5 - Date.now());
      const holder = site.holder;
      if (holder === null) throw new Error("nobody holds the group");
      const isKill = random.chance(0.8);
      const strike = (): void => {
        holder.onStep = () => {};
        if (isKill) site.kill(holder);
        else site.depose();
      };
      let stepsLeft = random.between(1, stepsMax);
      holder.onStep = () => {
        if (Date.now() < dueMs) return;
        stepsLeft -= 1;
        if (stepsLeft === 0) strike();
      };
      await settle(1_500);
      if (site.holder === holder) strike();
      await settle(failoverMs);
      site.take(random.pick(site.nodes.filter((node) => node !== holder)));
      await settle(random.between(0, 2_000));
      if (isKill) site.restart(holder);
    }
    await settle(10_000);
    site.depose();
    await settle(2_000);

    const scheduled = cronTimes(schedule)(startMs, startMs + rounds * periodMs, rounds).map(
      (ms) => `bell/${new Date(ms).toISOString().replace(".000Z", "Z")}`,
    );
    expect(scheduled).toHaveLength(rounds);
    const missed = scheduled.filter((id) =>
      ["ring", "tell"].some((action) => !site.delivered.some((one) => one.id === id && one.action === action)),
    );
    expect(missed, "scheduled and never done").toEqual([]);
    expect(site.events, "told as missed or failed").toEqual([]);

    const sentOf = async (node: (typeof site.nodes)[number]) => {
      const reading = site.sentAsOf(node);
      await settle(1_000);
      return reading;
    };
    const logs = [];
    for (const node of site.nodes) logs.push(await sentOf(node));
    const [log = []] = logs;
    for (const other of logs) expect(other, "every node's log says the same").toEqual(log);
    const lines = new Map(log.map((line) => [line.id, line]));
    expect(scheduled.filter((id) => lines.get(id)?.outcome !== "done")).toEqual([]);

    // Whatever was done stands in the log with its server, and no server did the same twice.
    const untold = site.delivered.filter(
      ({ id, run, node }) => !lines.get(id)?.attempts.some((attempt) => attempt.run === run && attempt.node.name === node),
    );
    expect(untold).toEqual([]);
    expect(new Set(site.delivered.map(({ id, action, run }) => `${id} ${action} ${run}`)).size).toBe(site.delivered.length);
    const doneAgain = site.delivered.length - 2 * rounds - 2 * (log.length - rounds);
    const told = log.reduce((sum, { repeats }) => sum + repeats, 0);
    expect(doneAgain).toBeGreaterThan(0);
    expect(told * 2).toBeGreaterThanOrEqual(doneAgain);
    expect(new Set(log.flatMap(({ attempts }) => attempts.map(({ node }) => node.name)))).toEqual(
      new Set(site.nodes.map(({ name }) => name)),
    );
  },
  60_000,
);
