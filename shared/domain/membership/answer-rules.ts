import type { AnswerResource } from "./answer-resources.ts";
import type { ClusterDocument } from "./cluster-document.ts";
import type { DocumentProblem } from "./document-problem.ts";

interface Placed {
  readonly answer: AnswerResource;
  readonly path: string;
}

/** What must hold across the answers of all groups. */
export function answerProblems(document: ClusterDocument): readonly DocumentProblem[] {
  const placed = document.groups.flatMap((group, groupIndex) =>
    group.resources.flatMap((resource, index): Placed[] =>
      resource.kind === "service" || resource.kind === "address"
        ? []
        : [{ answer: resource, path: `groups.${groupIndex}.resources.${index}` }],
    ),
  );
  return [...balancerProblems(placed), ...dnsProblems(placed)];
}

/** A name has one holder: in two resources, two groups would change it back and forth. A zone is the agents' own, or another server's. */
function dnsProblems(placed: readonly Placed[]): readonly DocumentProblem[] {
  const taken = new Map<string, string>();
  const kinds = new Map<string, string>();
  return placed.flatMap(({ answer, path }) => {
    if (answer.kind !== "dns-record" && answer.kind !== "dns-answer") return [];
    const { kind, name, zone, domainName, type } = answer;
    const other = taken.get(`${domainName} ${type}`);
    taken.set(`${domainName} ${type}`, name);
    const kindOfZone = kinds.get(zone) ?? kind;
    kinds.set(zone, kindOfZone);
    const isInZone = domainName === zone || domainName.endsWith(`.${zone}`);
    return [
      ...(other === undefined
        ? []
        : [{ path: `${path}.domainName`, message: `${domainName} (${type}) is already the record of ${other}` }]),
      ...(isInZone ? [] : [{ path: `${path}.domainName`, message: `${domainName} is not in the zone ${zone}` }]),
      ...(kindOfZone === kind
        ? []
        : [{ path: `${path}.zone`, message: `${zone} has a ${kindOfZone} already: a zone is answered by the agents or by other servers` }]),
      ...(kind === "dns-record" || zone.includes(".")
        ? []
        : [{ path: `${path}.zone`, message: `${zone} has no zone above it that could delegate it` }]),
    ];
  });
}

/** One balancer listens for all of them. */
function balancerProblems(placed: readonly Placed[]): readonly DocumentProblem[] {
  const taken = new Map<number, string>();
  return placed.flatMap(({ answer, path }) => {
    if (answer.kind !== "balancer-answer") return [];
    const { name, listenPort } = answer;
    const other = taken.get(listenPort);
    taken.set(listenPort, name);
    if (other === undefined) return [];
    return [{ path: `${path}.listenPort`, message: `the balancer already listens on port ${listenPort} for ${other}: choose another one` }];
  });
}
