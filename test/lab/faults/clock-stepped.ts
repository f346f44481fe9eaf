import { stays } from "../expectations.ts";
import { giveOwnClock } from "../own-clock.ts";
import type { Scenario } from "../scenario.ts";

const healthyWithinMs = 30_000;

export const clockStepped: Scenario = {
  name: "clock-stepped",
  about:
    "The wall clock of the holder's machine is stepped an hour ahead, and then two hours back; nothing moves, for no lease looks at it.",
  prepare: async (site, { holder: { name }, standbys: [standby] }) => {
    if (standby === undefined) return;
    await giveOwnClock(site, standby);
    const { holder } = await site.healthy(healthyWithinMs);
    if (holder.name === name) await holder.switchOver(standby);
  },
  strike: async (_site, { holder }) => {
    await holder.clock.step(3_600);
    await holder.clock.step(-3_600);
    return () => holder.clock.step(0);
  },
  expects: stays(),
};
