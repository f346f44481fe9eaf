import { setTimeout as sleep } from "node:timers/promises";
import { stays } from "../expectations.ts";
import { nothingToHeal, type Scenario } from "../scenario.ts";

/** Longer than the kernel lets traffic pass unrenewed, and shorter than the agent's patience with its guardian. */
const frozenMs = 700;

export const guardianFrozen: Scenario = {
  name: "guardian-frozen",
  about: "The holder's guardian is frozen for 0.7 s; the address is silent for a part of that, nothing moves, and it goes on where it was.",
  strike: async (_site, { holder }) => {
    const { node } = await holder.status();
    if (node.guardianPid === null) throw new Error(`${holder.name} has no guardian`);
    process.kill(node.guardianPid, "SIGSTOP");
    await sleep(frozenMs);
    process.kill(node.guardianPid, "SIGCONT");
    return nothingToHeal;
  },
  expects: { ...stays(), silenceMsMax: frozenMs + 300 },
};
