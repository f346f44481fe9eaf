import { moves } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

export const hostDies: Scenario = {
  name: "host-dies",
  about: "The holder's machine loses its power; another takes over, and the machine that boots again is a standby.",
  strike: async (_site, { holder }) => {
    await holder.losePower();
    return () => holder.powerOn();
  },
  expects: { ...moves("node.silent", "node.returned", "agent.started"), silenceIsRecorded: true },
};
