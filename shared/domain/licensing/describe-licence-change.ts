import type { NodeId } from "../ids.ts";
import { admitNode } from "./admission.ts";
import { type Amount, capacityOf, usageLevel } from "./capacity.ts";
import { type LicenceCourse, type LicenceState, licenceCourse } from "./licence-course.ts";
import { dueNotice } from "./licence-notice.ts";
import { type LicenceTerm, termsInForce } from "./licence-term.ts";
import { entitlementsOf, type LicensedNode, rolesFor } from "./licensed-roles.ts";

/** What decides how a cluster stands with its licences. */
export interface LicencePosition {
  readonly terms: readonly LicenceTerm[];
  readonly used: Amount;
  readonly nodes: readonly LicensedNode[];
}

export interface LicenceSetting {
  readonly nowMs: number;
  readonly cluster: string;
  readonly nameOf: (node: NodeId) => string;
  /** Nodes that have a token and wait for a licence. */
  readonly waiting: number;
}

/** What becomes of a running cluster with a change of its licences, or of what they must cover, in sentences for people; none where nothing follows. */
export function describeLicenceChange(before: LicencePosition, after: LicencePosition, setting: LicenceSetting): readonly string[] {
  return [
    ...amountChanges(before, after, setting),
    ...stateChanges(before, after, setting),
    ...admissionChanges(before, after, setting),
    ...configurationChanges(before, after, setting),
    ...roleChanges(before, after, setting),
    ...entitlementChanges(before, after, setting),
    ...noticeChanges(before, after, setting),
    ...later(before, after, setting),
  ];
}

function amountChanges(before: LicencePosition, after: LicencePosition, { nowMs }: LicenceSetting): readonly string[] {
  const [old, now] = [before, after].map(({ terms }) => capacityOf(termsInForce(terms, nowMs))) as [Amount, Amount];
  return [
    ...(old.nodes === now.nodes ? [] : [`${nodes(now.nodes)} licensed in place of ${old.nodes}; ${after.used.nodes} in use`]),
    ...(old.users === now.users
      ? []
      : [`${now.users} users and devices are licensed in place of ${old.users}; ${after.used.users} are declared`]),
    ...(before.used.users === after.used.users
      ? []
      : [`${after.used.users} users and devices are declared in place of ${before.used.users}; ${now.users} are licensed`]),
  ];
}

const stateWords: Readonly<Record<LicenceState, string>> = {
  none: "there is no licence",
  valid: "what is in use is covered",
  grace: "what is in use is covered by a grace period alone",
  lapsed: "no licence counts any more",
};

function stateChanges(before: LicencePosition, after: LicencePosition, { nowMs }: LicenceSetting): readonly string[] {
  const [old, now] = [before, after].map(({ terms, used }) => licenceCourse(terms, used, nowMs)) as [LicenceCourse, LicenceCourse];
  if (old.state === now.state && old.next?.atMs === now.next?.atMs && old.isTrial === now.isTrial) return [];
  const instead = old.state === now.state ? "" : ` (before: ${stateWords[old.state]})`;
  const until = now.next === null ? "" : `, until ${dayOf(now.next.atMs)}; then ${stateWords[now.next.state]}`;
  return [
    `${stateWords[now.state]}${until}${instead}; what runs goes on in any case`,
    ...(old.isTrial && !now.isTrial && now.state !== "none" ? ["the trial counts for nothing any more"] : []),
  ];
}

function admissionChanges(before: LicencePosition, after: LicencePosition, { nowMs, cluster, waiting }: LicenceSetting): readonly string[] {
  const [old, now] = [before, after].map(({ terms, used }) => admitNode(terms, used, cluster, nowMs));
  if (old === undefined || now === undefined || old.admitted === now.admitted) return [];
  if (!now.admitted) return [`no further node can join: ${now.reason}`];
  const lets =
    waiting === 0
      ? ""
      : `; ${waiting === 1 ? "the node that waits" : `of the ${waiting} nodes that wait, whoever asks first`} goes on by itself`;
  return [`another node can join${lets}`];
}

function configurationChanges(before: LicencePosition, after: LicencePosition, { nowMs }: LicenceSetting): readonly string[] {
  const [old, now] = [before, after].map(({ terms, used }) => licenceCourse(terms, used, nowMs).state);
  if (old !== "lapsed" && now === "lapsed")
    return ["groups, data sets and the rule for being alone cannot be changed any more, until there is a licence"];
  return old === "lapsed" && now !== "lapsed" ? ["groups, data sets and the rule for being alone can be changed again"] : [];
}

function roleChanges(before: LicencePosition, after: LicencePosition, { nowMs, nameOf }: LicenceSetting): readonly string[] {
  const [old, now] = [
    primaryOf(new Map(before.nodes.map(({ nodeId, role }) => [nodeId, role]))),
    primaryOf(rolesFor(termsInForce(after.terms, nowMs), after.nodes)),
  ];
  if (old === now) return [];
  if (now === undefined) return ["nobody is the primary any more, until another node is chosen"];
  return [
    `${nameOf(now)} becomes the primary in place of ${old === undefined ? "nobody" : nameOf(old)}, because a licence says so; nothing is restarted`,
  ];
}

function primaryOf(roles: ReadonlyMap<NodeId, LicensedNode["role"]>): NodeId | undefined {
  return [...roles].find(([, role]) => role === "primary")?.[0];
}

function entitlementChanges(before: LicencePosition, after: LicencePosition, { nowMs, nameOf }: LicenceSetting): readonly string[] {
  return after.nodes.flatMap((node) => {
    const [old, now] = [before, after].map(({ terms }) => entitlementsOf(terms, node, nowMs));
    const gained = now?.filter((one) => old?.includes(one) === false) ?? [];
    const lost = old?.filter((one) => now?.includes(one) === false) ?? [];
    return [
      ...(gained.length === 0 ? [] : [`${nameOf(node.nodeId)} is granted ${gained.join(", ")}`]),
      ...(lost.length === 0 ? [] : [`${nameOf(node.nodeId)} is not granted ${lost.join(", ")} any more: what it runs goes on`]),
    ];
  });
}

/** What subscribers get at once. */
function noticeChanges(before: LicencePosition, after: LicencePosition, { nowMs }: LicenceSetting): readonly string[] {
  const [oldLevel, level] = [before, after].map(({ terms, used }) => usageLevel(used, capacityOf(termsInForce(terms, nowMs))));
  const [old, now] = [before, after].map(({ terms, used }) => dueNotice(terms, used, nowMs));
  const isInForce = termsInForce(after.terms, nowMs).length > 0;
  const levels = {
    within: "the licences cover what is in use again",
    near: "nine tenths of the licences are used",
    over: "more is in use than licensed",
  };
  return [
    ...(isInForce && level !== undefined && level !== oldLevel ? [`subscribers are told that ${levels[level]}`] : []),
    ...(now === null || now === undefined || now.key === old?.key
      ? []
      : [
          `subscribers are told that the licences ${now.kind === "lapsed" ? "have lapsed" : now.kind === "grace" ? `ended, and that the grace has ${days(now.daysLeft)} left` : `end in ${days(now.daysLeft)}`}`,
        ]),
  ];
}

/** A licence that begins another day changes nothing before. */
function later(before: LicencePosition, after: LicencePosition, { nowMs }: LicenceSetting): readonly string[] {
  const known = new Set(before.terms.map(({ licenceId }) => licenceId));
  return after.terms
    .filter(({ licenceId, validFromMs }) => !known.has(licenceId) && validFromMs > nowMs)
    .map(
      ({ validFromMs, validUntilMs }) => `the licence counts from ${dayOf(validFromMs)} to ${dayOf(validUntilMs)}, and for nothing before`,
    );
}

function nodes(count: number): string {
  return `${count} ${count === 1 ? "node is" : "nodes are"}`;
}

function days(count: number): string {
  return `${count} ${count === 1 ? "day" : "days"}`;
}

/** As 2026-11-22, which is how Swedish writes a day. */
const day = new Intl.DateTimeFormat("sv-SE", { timeZone: "UTC", year: "numeric", month: "2-digit", day: "2-digit" });

function dayOf(ms: number): string {
  return day.format(ms);
}
