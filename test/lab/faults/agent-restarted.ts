import { answersAll } from "../expectations.ts";
import { nothingToHeal, type Scenario } from "../scenario.ts";

export const agentRestarted: Scenario = {
  name: "agent-restarted",
  about: "The holder's agent is detached and started again; its guardian keeps the address meanwhile, and nothing moves.",
  strike: async (_site, { holder }) => {
    await holder.restartAgent();
    return nothingToHeal;
  },
  // Long enough for the long promises to be given back.
  watchedMs: 4_000,
  expects: answersAll("agent.detached", "agent.readopted"),
};
