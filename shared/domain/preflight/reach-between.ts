import type { NodeId, PathName } from "../ids.ts";
import type { Judgement } from "./preflight-check.ts";
import type { MemberPort } from "./preflight-facts.ts";
import type { Reach, UnreachedPort } from "./preflight-report.ts";

/** A node, or the witness, with what it has told of the ways to the others. */
export interface MemberFacts {
  readonly nodeId: NodeId;
  readonly name: string;
  /** Its own addresses, by path. */
  readonly hosts: ReadonlyMap<PathName, string>;
  /** A witness has the first alone. */
  readonly ports: ReadonlyMap<MemberPort, number>;
  /** Null: its agent has not told. */
  readonly reach: Reach | null;
  /** Whose heartbeats it hears, by its newest report. */
  readonly hears: ReadonlySet<NodeId>;
}

/**
 * Every two members, from what each of them has tried. A port that is reached one way only is the work of a firewall; a member that nobody reaches or hears
 * does not run, and what it told before is not held against anybody.
 */
export function judgeReach(members: readonly MemberFacts[]): readonly Judgement[] {
  if (members.every(({ reach }) => reach === null)) return [{ outcome: "ok", seen: "no node has told yet" }];
  const silent = members.filter((member) => isSilent(member, members));
  const others = members.filter((member) => !silent.includes(member));
  const pairs = others.flatMap((one, at) => others.slice(at + 1).flatMap((other) => judgePair(one, other)));
  const found = [...silent.map((member) => judgeSilent(member, members)), ...pairs];
  return found.length === 0 ? [{ outcome: "ok", seen: `all that was tried between ${members.length} members is reached` }] : found;
}

/** Whoever has tried reaches none of its ports, and nobody hears it. */
function isSilent(member: MemberFacts, members: readonly MemberFacts[]): boolean {
  const tried = membersThatTried(member, members);
  return (
    tried.length > 0 &&
    tried.every((from) => !from.hears.has(member.nodeId) && unreachedFrom(from, member).length === waysBetween(from, member).length)
  );
}

function judgeSilent(member: MemberFacts, members: readonly MemberFacts[]): Judgement {
  const whose = membersThatTried(member, members).map(({ name }) => name);
  const seen = `${whose.join(", ")} ${whose.length === 1 ? "reaches" : "reach"} none of its ports and hear nothing of it: its agent does not run, or it is cut off`;
  return { outcome: "warn", subject: member.name, seen: whose.length === 1 ? seen.replace(" hear ", " hears ") : seen };
}

function membersThatTried({ nodeId }: MemberFacts, members: readonly MemberFacts[]): readonly MemberFacts[] {
  return members.filter(({ reach }) => reach?.tried.includes(nodeId) === true);
}

interface Way {
  readonly path: PathName;
  readonly port: MemberPort;
}

/** Those that both have. */
function waysBetween(one: MemberFacts, other: MemberFacts): readonly Way[] {
  const paths = [...other.hosts.keys()].filter((path) => one.hosts.has(path));
  const ports = [...other.ports.keys()].filter((port) => one.ports.has(port));
  return paths.flatMap((path) => ports.map((port) => ({ path, port })));
}

/** Of the ways that both have now: what was tried before the document changed does not count. */
function unreachedFrom(from: MemberFacts, to: MemberFacts): readonly UnreachedPort[] {
  const ways = waysBetween(from, to);
  return (from.reach?.unreached ?? []).filter(
    ({ nodeId, path, port }) => nodeId === to.nodeId && ways.some((way) => way.path === path && way.port === port),
  );
}

function judgePair(one: MemberFacts, other: MemberFacts): readonly Judgement[] {
  const [there, back] = [unreachedFrom(one, other), unreachedFrom(other, one)];
  const seen = waysBetween(one, other).flatMap((way) => {
    const [problem, problemBack] = [there, back].map(
      (some) => some.find(({ path, port }) => path === way.path && port === way.port)?.problem,
    );
    if (problem !== undefined && problemBack !== undefined) {
      return [`${notReached(one, other, way, problem)}, and ${notReached(other, one, way, problemBack)}: a firewall between them?`];
    }
    if (problem !== undefined) return [oneWay(one, other, way, problem)];
    return problemBack === undefined ? [] : [oneWay(other, one, way, problemBack)];
  });
  if (seen.length === 0) return [];
  return [
    { outcome: isCutOff(there) || isCutOff(back) ? "fail" : "warn", subject: `${one.name} and ${other.name}`, seen: seen.join("; ") },
  ];

  /** One of the ports is reached on no path. */
  function isCutOff(unreached: readonly UnreachedPort[]): boolean {
    const ways = waysBetween(one, other);
    return ways.some(({ port }) => unreached.filter((way) => way.port === port).length === ways.filter((way) => way.port === port).length);
  }
}

function oneWay(from: MemberFacts, to: MemberFacts, way: Way, problem: string): string {
  const not = notReached(from, to, way, problem);
  if (to.reach?.tried.includes(from.nodeId) !== true) return `${not}; ${to.name} has not told of the way back`;
  return `${to.name} reaches ${whereOf(from, way)}, ${not}: a firewall on ${to.name}?`;
}

function notReached(from: MemberFacts, to: MemberFacts, way: Way, problem: string): string {
  return `${from.name} does not reach ${whereOf(to, way)} (${problem})`;
}

/** As `node-b:7400`, with the path where it is a further one. */
function whereOf({ name, hosts, ports }: MemberFacts, { path, port }: Way): string {
  const on = hosts.size > 1 ? ` on path ${path}` : "";
  return `${name}:${ports.get(port) ?? port}${on}`;
}
