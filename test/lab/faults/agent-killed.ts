import { moves } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

export const agentKilled: Scenario = {
  name: "agent-killed",
  about: "The holder's agent is killed with -9; its guardian lets the address go, and another node takes over.",
  strike: async (_site, { holder }) => {
    holder.agent.agent.kill("SIGKILL");
    return () => holder.powerOn();
  },
  expects: moves("node.silent", "agent.started"),
};
