import { addressTaken } from "./faults/address-taken.ts";
import { agentAndGuardianKilled } from "./faults/agent-and-guardian-killed.ts";
import { agentFrozen } from "./faults/agent-frozen.ts";
import { agentKilled } from "./faults/agent-killed.ts";
import { announcementsLost } from "./faults/announcements-lost.ts";
import { blackHole } from "./faults/black-hole.ts";
import { cloudDead } from "./faults/cloud-dead.ts";
import { framesLost } from "./faults/frames-lost.ts";
import { guardianFrozen } from "./faults/guardian-frozen.ts";
import { guardianKilled } from "./faults/guardian-killed.ts";
import { holderDeaf } from "./faults/holder-deaf.ts";
import { holderUnheard } from "./faults/holder-unheard.ts";
import { hostDies } from "./faults/host-dies.ts";
import { linkCut } from "./faults/link-cut.ts";
import { majorityLost } from "./faults/majority-lost.ts";
import { oneStandbyUnheard } from "./faults/one-standby-unheard.ts";
import { plannedSwitchover } from "./faults/planned-switchover.ts";
import { processorStarved } from "./faults/processor-starved.ts";
import { siteLosesPower } from "./faults/site-loses-power.ts";
import { standbyDies } from "./faults/standby-dies.ts";
import type { Scenario } from "./scenario.ts";

/** In the order in which `all` runs them, in one lab. */
export const scenarios: readonly Scenario[] = [
  plannedSwitchover,
  hostDies,
  linkCut,
  blackHole,
  holderUnheard,
  holderDeaf,
  oneStandbyUnheard,
  framesLost,
  standbyDies,
  majorityLost,
  agentKilled,
  agentFrozen,
  agentAndGuardianKilled,
  guardianKilled,
  guardianFrozen,
  processorStarved,
  announcementsLost,
  addressTaken,
  cloudDead,
  siteLosesPower,
];
