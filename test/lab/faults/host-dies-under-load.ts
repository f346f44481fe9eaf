import { setTimeout as sleep } from "node:timers/promises";
import { moves } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

/** Until the disk's queue is full. */
const beforeMs = 3_000;

export const hostDiesUnderLoad: Scenario = {
  name: "host-dies-under-load",
  about: "All processors and the disk are busy, and the holder's machine loses its power; another takes over about as quickly as ever.",
  strike: async (site, { holder }) => {
    const load = site.load({ disk: true });
    await sleep(beforeMs);
    await holder.losePower();
    return async () => {
      await load.end();
      await site.network.healAll();
      await holder.powerOn();
    };
  },
  expects: moves("node.silent", "node.returned", "agent.started"),
};
