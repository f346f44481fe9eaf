import { stays } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

export const holdersDiskHung: Scenario = {
  name: "holders-disk-hung",
  about: "The holder's disk hangs for a while; its lease needs none, and nothing moves.",
  strike: async (_site, { holder }) => {
    await holder.disk.hang();
    return () => holder.disk.answerAgain();
  },
  watchedMs: 5_000,
  expects: stays(),
};
