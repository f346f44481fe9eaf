import { stays } from "../expectations.ts";
import { nothingToHeal, type Scenario } from "../scenario.ts";

export const guardianFrozen: Scenario = {
  name: "guardian-frozen",
  about: "The holder's guardian is frozen for less than the address lives; nothing moves, and it goes on where it was.",
  strike: async (_site, { holder }) => {
    const { node } = await holder.status();
    const guardian = node.guardianPid;
    if (guardian === null) return nothingToHeal;
    process.kill(guardian, "SIGSTOP");
    return () => {
      process.kill(guardian, "SIGCONT");
      return Promise.resolve();
    };
  },
  // Known limit: after 2 s without its guardian's renewal the kernel drops the address, and the agent does not notice.
  watchedMs: 300,
  expects: stays(),
};
