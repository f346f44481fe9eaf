import type { ClusterSetting } from "../domain/settings/cluster-setting.ts";
import { limits } from "./limits.ts";
import { exchangeSettings } from "./replication.ts";
import { failoverSettings } from "./timing.ts";

const created = "POST /v1/customers/{customerId}/clusters";
const group = "PUT /v1/clusters/{clusterId}/groups/{group}";
const dataSet = "PUT /v1/clusters/{clusterId}/data-sets/{dataSet}";
const trigger = "PUT /v1/clusters/{clusterId}/triggers/{trigger}";
/** How the timings must stand to each other is domain/failover/timing-rules.ts. */
const timingRange = { min: 1, max: 600_000 } as const;
const { default: usual } = failoverSettings.profiles;

/** Every setting of the cluster document that somebody chooses, by a name of its own. The schemas take their bounds from here (test/shared/config/cluster-settings.test.ts). */
export const clusterSettings = {
  timing: {
    path: "timing",
    values: ["fast", "default", "patient", "timings of its own"],
    byDefault: "default",
    advice:
      "`fast` is for a network and machines that are never busy, `patient` for busy or virtual ones. On each node, understudy agent tune tells what every profile would have made of the last 30 days.",
    changedBy: created,
  },
  leaseMs: {
    path: "timing.leaseMs",
    unit: "ms",
    range: timingRange,
    byDefault: usual.leaseMs,
    advice: `T: for how long a voter's promise holds, and about how long a group is without a holder whose machine has died. At most ${failoverSettings.leaseMsMax}; a pause of the machine of more than two thirds of it moves the group.`,
    changedBy: created,
  },
  heartbeatIntervalMs: {
    path: "timing.heartbeatIntervalMs",
    unit: "ms",
    range: timingRange,
    byDefault: usual.heartbeatIntervalMs,
    advice: "At least 50: faster than that the agent cannot keep up. A sixth of the lease leaves room for two that are lost.",
    changedBy: created,
  },
  suspectAfterLeastMs: {
    path: "timing.suspectAfterMs.least",
    unit: "ms",
    range: timingRange,
    byDefault: usual.suspectAfterMs.least,
    advice: "Never suspect a silent node earlier than this: three heartbeats or more.",
    changedBy: created,
  },
  suspectAfterUsualMs: {
    path: "timing.suspectAfterMs.usual",
    unit: "ms",
    range: timingRange,
    byDefault: usual.suspectAfterMs.usual,
    advice: "How long a path must be quiet while little is known of it; later what was seen decides, between least and most.",
    changedBy: created,
  },
  suspectAfterMostMs: {
    path: "timing.suspectAfterMs.most",
    unit: "ms",
    range: timingRange,
    byDefault: usual.suspectAfterMs.most,
    advice: "However irregular a path has been: below the lease, or a dead node is found silent only when its lease is over.",
    changedBy: created,
  },
  rankDelayMs: {
    path: "timing.rankDelayMs",
    unit: "ms",
    range: timingRange,
    byDefault: usual.rankDelayMs,
    advice: "The n-th node of a group's order waits n of these before it asks: a twelfth of the lease keeps two from asking at once.",
    changedBy: created,
  },
  whenAlone: {
    path: "whenAlone",
    values: ["stop", "survivor", "probe"],
    byDefault: "stop",
    advice:
      "Two nodes alone cannot tell a dead peer from a cut link: a witness on any third machine, or a third node, is better than `survivor` and `probe`, which may run the service twice.",
    changedBy: "PUT /v1/clusters/{clusterId}/when-alone",
  },
  cloudWitness: {
    path: "cloudWitness",
    values: ["on", "off", "automatic"],
    byDefault: "automatic",
    advice:
      "`automatic` makes the control plane the witness of an even number of nodes that have none: its latency then counts in a takeover. `off` where that is not wanted.",
    changedBy: "PUT /v1/clusters/{clusterId}/cloud-witness",
  },
  order: {
    path: "groups.NAME.order",
    unit: "nodes",
    range: { min: 0, max: limits.nodesPerClusterMax },
    advice: "Preferred first; only these may run the group. Two at least, or nobody takes it over.",
    changedBy: group,
  },
  resources: {
    path: "groups.NAME.resources",
    unit: "resources",
    range: { min: 0, max: limits.resourcesPerGroupMax },
    advice: "Started in their order and stopped in reverse: put an address before the services that bind to it.",
    changedBy: group,
  },
  failbackMode: {
    path: "groups.NAME.failback.mode",
    values: ["manual", "automatic"],
    byDefault: "manual",
    advice: "Each move back is an interruption: `automatic` only where the first node is better than the others.",
    changedBy: group,
  },
  stableForMs: {
    path: "groups.NAME.failback.stableForMs",
    unit: "ms",
    range: { min: 1_000, max: 86_400_000 },
    advice:
      "For how long the preferred node must have been fit without a break: some minutes (300000), or a machine that restarts again and again takes the group each time.",
    changedBy: group,
  },
  swapOnReset: {
    path: "groups.NAME.swapOnReset",
    values: ["true", "false"],
    byDefault: true,
    advice: "`false` starts a service that dies anew where it was, once a minute at most: where it comes up faster than the other node's.",
    changedBy: group,
  },
  dnsAnswerTtl: {
    path: "groups.NAME.resources.NAME.ttlSeconds",
    of: "dns-answer",
    unit: "s",
    range: { min: 1, max: limits.dnsAnswerTtlSecondsMax },
    advice: "For so long clients may go to the old holder: 2, unless resolvers ask too often for that.",
    changedBy: group,
  },
  dnsRecordTtl: {
    path: "groups.NAME.resources.NAME.ttlSeconds",
    of: "dns-record",
    unit: "s",
    range: { min: 1, max: 86_400 },
    advice: "For so long clients may go to the old holder: 30 or less, as far as the DNS server allows it.",
    changedBy: group,
  },
  dataSetKind: {
    path: "dataSets.NAME.kind",
    values: ["sqlite", "config", "state", "files", "shared"],
    advice:
      "An application's own database, records that the agents keep, a folder, or a database that all nodes use. It does not change later.",
    changedBy: dataSet,
  },
  local: {
    path: "dataSets.NAME.local",
    of: "sqlite",
    unit: "entries",
    range: { min: 0, max: 1_000 },
    advice:
      "Tables that never leave their node, or columns or rows of one: caches, sessions, a server's own parameters, and tables that cannot be replicated (no primary key, virtual).",
    changedBy: dataSet,
  },
  conflictPolicy: {
    path: "dataSets.NAME.conflicts.policy",
    values: ["newest", "priority", "manual", "columns"],
    byDefault: "newest",
    advice:
      "`columns` where people edit different fields of one row, `priority` where one site knows best, `manual` only where somebody looks every day.",
    changedBy: dataSet,
  },
  whenSkewed: {
    path: "dataSets.NAME.clock.whenSkewed",
    values: ["inhibit", "hlc"],
    byDefault: "inhibit",
    advice:
      "`inhibit` keeps back what a node writes while its clock is wrong; `hlc` lets it go out in the logical clock's order alone, and may then win wrongly.",
    changedBy: dataSet,
  },
  skewMsMax: {
    path: "dataSets.NAME.clock.skewMsMax",
    unit: "ms",
    range: { min: 1_000, max: 3_600_000 },
    byDefault: exchangeSettings.clock.skewMsMax,
    advice: "Synchronised clocks differ by milliseconds: the default finds one that is wrong, and bears a leap second and a slow start.",
    changedBy: dataSet,
  },
  lateWithinSeconds: {
    path: "triggers.NAME.late.withinSeconds",
    unit: "s",
    range: { min: 0, max: 86_400 },
    byDefault: 3_600,
    advice: "What a schedule missed is done so much later at most: as long as it still helps anybody. 0: never late.",
    changedBy: trigger,
  },
  lateAtMost: {
    path: "triggers.NAME.late.atMost",
    unit: "occurrences",
    range: { min: 1, max: limits.triggerLateMax },
    byDefault: limits.triggerLateMax,
    advice: "1 where only the last one counts (a report), all where each one does (a reminder).",
    changedBy: trigger,
  },
  keptDays: {
    path: "triggers.NAME.keptDays",
    unit: "days",
    range: { min: 2, max: 366 },
    byDefault: 90,
    advice: "For so long the sent log shows what was sent; 20,000 lines at most, the oldest go first.",
    changedBy: trigger,
  },
  multicastTtl: {
    path: "triggers.NAME.actions.NAME.ttl",
    of: "udp-multicast",
    unit: "hops",
    range: { min: 1, max: limits.triggerMulticastTtlMax },
    advice: "1 stays in the LAN; more only where routers pass multicast on.",
    changedBy: trigger,
  },
} as const satisfies Readonly<Record<string, ClusterSetting>>;

/** In the order of the document. */
export const clusterSettingList: readonly ClusterSetting[] = Object.values(clusterSettings);
