import { sendSignal } from "../../../agent/resources/marked-processes.ts";
import { moves } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

export const machineFrozen: Scenario = {
  name: "machine-frozen",
  about:
    "Every process of the holder's machine is frozen; its kernel drops the address before another takes over, and who thaws is a standby.",
  strike: async (_site, { holder }) => {
    const frozen = await holder.namespace.processes();
    for (const pid of frozen) sendSignal(pid, "SIGSTOP");
    return () => {
      for (const pid of frozen) sendSignal(pid, "SIGCONT");
      return Promise.resolve();
    };
  },
  expects: moves("node.silent", "loop.late", "group.stepped-down"),
};
