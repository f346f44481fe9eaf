import { moves } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

export const agentAndGuardianKilled: Scenario = {
  name: "agent-and-guardian-killed",
  about: "Nobody is left on the holder who could take the address off; its kernel drops it, and the next holder waits for that.",
  strike: async (_site, { holder }) => {
    const { node } = await holder.status();
    if (node.guardianPid !== null) process.kill(node.guardianPid, "SIGKILL");
    holder.agent.agent.kill("SIGKILL");
    return () => holder.powerOn();
  },
  expects: moves("node.silent", "agent.started"),
};
