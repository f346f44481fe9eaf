import { nothingToHeal, type Scenario } from "../scenario.ts";
import { wares } from "../three-writers/wares.ts";
import { ClonedTrial } from "./cloned-trial.ts";
import { staysWhileWritten } from "./stays-while-written.ts";

export const vmCloned: Scenario = {
  name: "vm-cloned",
  about:
    "A further machine starts from a copy of a standby's disks, identity and all; the others turn it away and say so, nothing moves, and nothing of what is written on it gets in.",
  application: wares,
  trial: () => new ClonedTrial(),
  strike: () => Promise.resolve(nothingToHeal),
  expects: staysWhileWritten("node.cloned"),
};
