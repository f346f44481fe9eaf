import type { Trigger, TriggerSource } from "./trigger.ts";
import { actionWords, sourceWords } from "./trigger-words.ts";

/** What becomes of a cluster's triggers with a change of its document, in sentences for people; none where nothing is changed. */
export function describeTriggers(before: readonly Trigger[], after: readonly Trigger[]): readonly string[] {
  const gone = before.filter(({ name }) => after.every((other) => other.name !== name));
  return [
    ...gone.map(
      ({ name, keptDays }) =>
        `trigger ${name} is gone: nothing sets it off any more, and what it has sent stays in the log for ${keptDays} days`,
    ),
    ...after.flatMap((trigger) => {
      const old = before.find(({ name }) => name === trigger.name);
      return old === undefined ? [addition(trigger)] : changes(old, trigger);
    }),
  ];
}

function addition({ name, group, source, actions }: Trigger): string {
  return `trigger ${name} is new: set off by ${sourceWords(source)}, whoever runs group ${group} does ${actionsShown(actions)}`;
}

function changes(old: Trigger, { name, group, source, actions, late, keptDays }: Trigger): readonly string[] {
  return [
    ...(old.group === group ? [] : [`trigger ${name} is done by whoever runs group ${group} in place of ${old.group}`]),
    ...sourceChange(name, old.source, source),
    ...(isSame(old.actions, actions) ? [] : [`trigger ${name} does ${actionsShown(actions)}; in place of ${actionsShown(old.actions)}`]),
    ...(isSame(old.late, late)
      ? []
      : [`trigger ${name}: of what nobody could do at its time, the newest ${late.atMost} are still done within ${late.withinSeconds} s`]),
    ...(old.keptDays === keptDays ? [] : [`trigger ${name}: what it sends from now on stays in the log for ${keptDays} days`]),
  ];
}

function sourceChange(name: string, old: TriggerSource, source: TriggerSource): readonly string[] {
  if (isSame(old, source)) return [];
  if (old.kind === "webhook" && source.kind === "webhook") return [`trigger ${name} has a new token: the one before is void`];
  return [
    `trigger ${name} is set off by ${sourceWords(source)} in place of ${sourceWords(old)}: what that said of the past counts no more`,
  ];
}

function actionsShown(actions: Trigger["actions"]): string {
  return actions.map(actionWords).join("; ");
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
