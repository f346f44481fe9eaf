import type { ClusterDocument } from "../membership/cluster-document.ts";
import type { DocumentProblem } from "../membership/document-problem.ts";
import type { Trigger } from "./trigger.ts";

/** What tells of triggers themselves: one that listened to it would set itself off for ever. */
const ownEvents = "trigger.";

/** What must hold for the triggers of a cluster, beyond their shape. */
export function triggerProblems(document: ClusterDocument): readonly DocumentProblem[] {
  const { triggers = [] } = document;
  const before = new Set<string>();
  return triggers.flatMap((trigger, index) => {
    const path = `triggers.${index}`;
    const repeated = before.has(trigger.name) ? [{ path: `${path}.name`, message: `${trigger.name} occurs twice` }] : [];
    before.add(trigger.name);
    return [...repeated, ...placeProblems(path, trigger, document), ...actionProblems(path, trigger), ...eventProblems(path, trigger)];
  });
}

/** Only who holds the group may do what the trigger says, and only that one can write what was done. */
function placeProblems(path: string, { group, log }: Trigger, { groups, dataSets }: ClusterDocument): readonly DocumentProblem[] {
  if (groups.every(({ name }) => name !== group))
    return [{ path: `${path}.group`, message: `there is no group ${group}: whoever holds the group does what the trigger says` }];
  const found = dataSets.find(({ name }) => name === log);
  if (found?.kind === "state" && found.group === group) return [];
  const what = found === undefined ? "there is none" : found.kind === "state" ? `it is of group ${found.group}` : `it is ${found.kind}`;
  return [{ path: `${path}.log`, message: `${log} must be a data set of kind state and of group ${group}: ${what}` }];
}

function actionProblems(path: string, { actions }: Trigger): readonly DocumentProblem[] {
  const names = actions.map(({ name }) => name);
  return names.flatMap((name, index) =>
    names.indexOf(name) === index ? [] : [{ path: `${path}.actions.${index}.name`, message: `${name} occurs twice` }],
  );
}

function eventProblems(path: string, { source }: Trigger): readonly DocumentProblem[] {
  if (source.kind !== "event") return [];
  return source.events.flatMap((kind, index) =>
    kind.startsWith(ownEvents)
      ? [{ path: `${path}.source.events.${index}`, message: `${kind} tells of triggers: one that listens to it would never end` }]
      : [],
  );
}
