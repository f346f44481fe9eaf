import { moves } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

export const agentFrozen: Scenario = {
  name: "agent-frozen",
  about:
    "The holder's agent is frozen; its guardian lets the address go before another node takes over, and the agent that thaws is a standby.",
  strike: (_site, { holder }) => {
    holder.agent.agent.kill("SIGSTOP");
    return Promise.resolve(() => {
      holder.agent.agent.kill("SIGCONT");
      return Promise.resolve();
    });
  },
  expects: moves("node.silent"),
};
