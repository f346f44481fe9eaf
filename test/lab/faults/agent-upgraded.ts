import { otherVersion } from "../../agent/processes/other-version.ts";
import { answersAll } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

export const agentUpgraded: Scenario = {
  name: "agent-upgraded",
  about: "The holder's agent is detached, and one of another version goes on in its place; nothing moves, nor does it on the way back.",
  strike: async (_site, { holder }) => {
    const newer = otherVersion("9.9.9");
    await holder.restartAgent(newer.program);
    const { node } = await holder.status();
    if (node.agentVersion !== "9.9.9") throw new Error(`${holder.name} runs agent ${node.agentVersion} after its upgrade`);
    return async () => {
      await holder.restartAgent();
      newer.remove();
    };
  },
  watchedMs: 4_000,
  expects: answersAll("agent.detached", "agent.readopted"),
};
