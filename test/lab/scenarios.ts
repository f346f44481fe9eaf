import { clockReleased, clockSkewed } from "./clock-skewed/clock-skewed.ts";
import { clusterChanged } from "./cluster-changed/cluster-changed.ts";
import { vmCloned } from "./copied-disks/vm-cloned.ts";
import { vmRewound } from "./copied-disks/vm-rewound.ts";
import { addressTaken } from "./faults/address-taken.ts";
import { addressTakenFromHolder } from "./faults/address-taken-from-holder.ts";
import { agentAndGuardianKilled } from "./faults/agent-and-guardian-killed.ts";
import { agentFrozen } from "./faults/agent-frozen.ts";
import { agentKilled } from "./faults/agent-killed.ts";
import { agentRestarted } from "./faults/agent-restarted.ts";
import { agentUpgraded } from "./faults/agent-upgraded.ts";
import { announcementsLost } from "./faults/announcements-lost.ts";
import { blackHole } from "./faults/black-hole.ts";
import { bootedApart } from "./faults/booted-apart.ts";
import { bothPathsCut } from "./faults/both-paths-cut.ts";
import { clientCutOffToo } from "./faults/client-cut-off-too.ts";
import { clockStepped } from "./faults/clock-stepped.ts";
import { cloudDead } from "./faults/cloud-dead.ts";
import { cloudWitnessHolderDies } from "./faults/cloud-witness-holder-dies.ts";
import { cloudWitnessLinkCut } from "./faults/cloud-witness-link-cut.ts";
import { diskFull } from "./faults/disk-full.ts";
import { diskHung } from "./faults/disk-hung.ts";
import { drill } from "./faults/drill.ts";
import { framesLate } from "./faults/frames-late.ts";
import { framesLost } from "./faults/frames-lost.ts";
import { framesRepeatedAndReordered } from "./faults/frames-repeated-and-reordered.ts";
import { gatewayDead } from "./faults/gateway-dead.ts";
import { guardianFrozen } from "./faults/guardian-frozen.ts";
import { guardianHangs } from "./faults/guardian-hangs.ts";
import { guardianKilled } from "./faults/guardian-killed.ts";
import { holderDeaf } from "./faults/holder-deaf.ts";
import { holderUnheard } from "./faults/holder-unheard.ts";
import { holdersDiskHung } from "./faults/holders-disk-hung.ts";
import { hostDies } from "./faults/host-dies.ts";
import { hostDiesFarAway } from "./faults/host-dies-far-away.ts";
import { hostDiesUnderLoad } from "./faults/host-dies-under-load.ts";
import { hostDiesV6 } from "./faults/host-dies-v6.ts";
import { linkCut } from "./faults/link-cut.ts";
import { linkFlaps } from "./faults/link-flaps.ts";
import { machineFrozen } from "./faults/machine-frozen.ts";
import { majorityLost } from "./faults/majority-lost.ts";
import { onePathCut } from "./faults/one-path-cut.ts";
import { oneStandbyUnheard } from "./faults/one-standby-unheard.ts";
import { plannedSwitchover } from "./faults/planned-switchover.ts";
import { probeBothRun } from "./faults/probe-both-run.ts";
import { probeFirewall } from "./faults/probe-firewall.ts";
import { probeHolderDies } from "./faults/probe-holder-dies.ts";
import { probeLinkCut } from "./faults/probe-link-cut.ts";
import { processorStarved } from "./faults/processor-starved.ts";
import { siteLosesPower } from "./faults/site-loses-power.ts";
import { snapshotRestored } from "./faults/snapshot-restored.ts";
import { standbyDies } from "./faults/standby-dies.ts";
import { survivorDies } from "./faults/survivor-dies.ts";
import { survivorLinkCut } from "./faults/survivor-link-cut.ts";
import { survivorTakenOverAlive } from "./faults/survivor-taken-over-alive.ts";
import { witnessAndHolderDie } from "./faults/witness-and-holder-die.ts";
import { witnessAndStandbyDie } from "./faults/witness-and-standby-die.ts";
import { witnessDies } from "./faults/witness-dies.ts";
import { witnessHolderDies } from "./faults/witness-holder-dies.ts";
import { witnessHolderIsolated } from "./faults/witness-holder-isolated.ts";
import { witnessLinkCut } from "./faults/witness-link-cut.ts";
import { kamailioHostDies } from "./kamailio/kamailio-host-dies.ts";
import type { Scenario } from "./scenario.ts";
import { threeWriters } from "./three-writers/three-writers.ts";

/** In the order in which `all` runs them. */
export const scenarios: readonly Scenario[] = [
  plannedSwitchover,
  drill,
  clusterChanged,
  hostDies,
  linkCut,
  linkFlaps,
  blackHole,
  holderUnheard,
  holderDeaf,
  oneStandbyUnheard,
  framesLost,
  framesRepeatedAndReordered,
  standbyDies,
  majorityLost,
  agentRestarted,
  agentUpgraded,
  agentKilled,
  agentFrozen,
  agentAndGuardianKilled,
  guardianKilled,
  guardianFrozen,
  guardianHangs,
  machineFrozen,
  processorStarved,
  hostDiesUnderLoad,
  diskFull,
  diskHung,
  holdersDiskHung,
  snapshotRestored,
  clockStepped,
  announcementsLost,
  clientCutOffToo,
  addressTaken,
  addressTakenFromHolder,
  gatewayDead,
  cloudDead,
  siteLosesPower,
  bootedApart,
  hostDiesV6,
  onePathCut,
  bothPathsCut,
  framesLate,
  hostDiesFarAway,
  witnessHolderDies,
  witnessLinkCut,
  witnessDies,
  witnessAndHolderDie,
  witnessAndStandbyDie,
  witnessHolderIsolated,
  cloudWitnessHolderDies,
  cloudWitnessLinkCut,
  survivorLinkCut,
  survivorDies,
  survivorTakenOverAlive,
  probeHolderDies,
  probeLinkCut,
  probeFirewall,
  probeBothRun,
  kamailioHostDies,
  threeWriters,
  clockSkewed,
  clockReleased,
  vmRewound,
  vmCloned,
];

/** Of each kind of fault the one that tells most, in as few labs as that takes: `npm test` has no time for all. */
export const scenariosOfTheTests: readonly Scenario[] = [
  holderUnheard,
  blackHole,
  linkFlaps,
  agentUpgraded,
  agentKilled,
  agentFrozen,
  guardianHangs,
  bootedApart,
  witnessHolderIsolated,
  kamailioHostDies,
];

/** Those that one lab has for all: the gate has no time for more. */
export const scenariosOfTheGate: readonly Scenario[] = [blackHole, agentKilled, agentFrozen, guardianHangs];
