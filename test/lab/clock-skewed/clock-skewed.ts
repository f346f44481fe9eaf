import { stays } from "../expectations.ts";
import { giveOwnClock } from "../own-clock.ts";
import { nothingToHeal, type Scenario } from "../scenario.ts";
import { wares } from "../three-writers/wares.ts";
import { ClockReleasedTrial } from "./clock-released-trial.ts";
import { ClockSkewedTrial } from "./clock-skewed-trial.ts";

const aheadSeconds = 3_600;

const standbysClock: Pick<Scenario, "application" | "prepare" | "strike" | "expects"> = {
  application: wares,
  prepare: async (site, { standbys: [standby] }) => {
    if (standby !== undefined) await giveOwnClock(site, standby);
  },
  strike: async (_site, { standbys }) => {
    const skewed = standbys.find(({ clock }) => clock.isOwn);
    if (skewed === undefined) return nothingToHeal;
    await skewed.clock.step(aheadSeconds);
    return () => skewed.clock.step(0);
  },
  expects: stays("clock.skewed", "clock.aligned"),
};

export const clockSkewed: Scenario = {
  name: "clock-skewed",
  about:
    "The wall clock of a standby is set an hour ahead while all three servers write one database; what it writes waits and is told, the rest goes on, and all of it goes out when the clock is right.",
  ...standbysClock,
  trial: () => new ClockSkewedTrial(),
};

export const clockReleased: Scenario = {
  name: "clock-released",
  about:
    "The same clock is an hour ahead, and an operator lets go what waits: it goes out at once, and so does what is written while the clock is wrong, under times by the others' clocks.",
  ...standbysClock,
  trial: () => new ClockReleasedTrial(),
};
