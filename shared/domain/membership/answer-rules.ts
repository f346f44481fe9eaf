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
      resource.kind === "balancer-answer" ? [{ answer: resource, path: `groups.${groupIndex}.resources.${index}` }] : [],
    ),
  );
  return balancerProblems(placed);
}

/** One balancer listens for all of them. */
function balancerProblems(placed: readonly Placed[]): readonly DocumentProblem[] {
  const taken = new Map<number, string>();
  return placed.flatMap(({ answer, path }) => {
    const { name, listenPort } = answer;
    const other = taken.get(listenPort);
    taken.set(listenPort, name);
    if (other === undefined) return [];
    return [{ path: `${path}.listenPort`, message: `the balancer already listens on port ${listenPort} for ${other}: choose another one` }];
  });
}
