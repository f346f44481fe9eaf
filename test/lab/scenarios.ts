import { agentFrozen } from "./faults/agent-frozen.ts";
import { agentKilled } from "./faults/agent-killed.ts";
import { blackHole } from "./faults/black-hole.ts";
import { cloudDead } from "./faults/cloud-dead.ts";
import { guardianKilled } from "./faults/guardian-killed.ts";
import { holderDeaf } from "./faults/holder-deaf.ts";
import { holderUnheard } from "./faults/holder-unheard.ts";
import { hostDies } from "./faults/host-dies.ts";
import { linkCut } from "./faults/link-cut.ts";
import { oneStandbyUnheard } from "./faults/one-standby-unheard.ts";
import type { Scenario } from "./scenario.ts";

/** In the order in which `all` runs them, in one lab. */
export const scenarios: readonly Scenario[] = [
  hostDies,
  linkCut,
  blackHole,
  holderUnheard,
  holderDeaf,
  oneStandbyUnheard,
  agentKilled,
  agentFrozen,
  guardianKilled,
  cloudDead,
];
