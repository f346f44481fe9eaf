import { type GroupStateName, groupStates } from "./group-states.ts";
import type { Transition } from "./transition.ts";

/** The rows as a Mermaid state diagram. Ways between the same two states share an arrow. */
export function diagramOf(rows: readonly Transition[]): string {
  const arrows = new Map<string, string[]>();
  for (const row of rows) {
    for (const from of row.from) {
      const arrow = `${idOf(from)} --> ${idOf(row.to)}`;
      const label = row.on === "time" ? row.when : `${row.on}: ${row.when}`;
      arrows.set(arrow, [...(arrows.get(arrow) ?? []), label.replaceAll(";", ",").replaceAll(":", " -")]);
    }
  }
  const states = (Object.keys(groupStates) as GroupStateName[]).filter((name) => idOf(name) !== name);
  return [
    "stateDiagram-v2",
    ...states.map((name) => `  state "${name}" as ${idOf(name)}`),
    `  [*] --> ${idOf("just-started")}`,
    ...[...arrows].map(([arrow, labels]) => `  ${arrow} : ${labels.join(" / ")}`),
  ].join("\n");
}

/** Every state and what holds while in it, as a Markdown table. */
export function stateTable(): string {
  const rows = Object.entries(groupStates).map(([name, promise]) => `| \`${name}\` | ${promise} |`);
  return ["| state | what is true while in it |", "| --- | --- |", ...rows].join("\n");
}

/** Every row, in the order in which they are tried. */
export function transitionRows(rows: readonly Transition[]): string {
  const lines = rows.map((row) => `| ${row.from.map((name) => `\`${name}\``).join(", ")} | ${row.on} | ${row.when} | \`${row.to}\` |`);
  return ["| from | on | when | to |", "| --- | --- | --- | --- |", ...lines].join("\n");
}

function idOf(name: GroupStateName): string {
  return name.replaceAll("-", "_");
}
