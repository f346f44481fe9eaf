import type { AuditRecord } from "../../../shared/domain/audit/audit-entry.ts";
import type { Caller } from "./access-world.ts";

export interface MatrixAnswer {
  readonly status: number;
  readonly expected: number;
  readonly text: string;
  readonly written: readonly string[];
  readonly entries: readonly AuditRecord[];
  readonly asUnknown: string | null;
}

export interface MatrixRow {
  readonly key: string;
  readonly answers: Map<string, MatrixAnswer>;
}

const words: Readonly<Record<number, string>> = { 401: "401", 403: "403", 404: "404" };

/** What every caller was answered, as functions/ACCESS.md. */
export function accessDocument(callers: readonly Caller[], rows: readonly MatrixRow[]): string {
  const outside = callers.filter(({ of }) => of === "nobody");
  const inside = callers.filter(({ of }) => of !== "nobody");
  const columns = [`not signed in`, ...inside.map(({ name }) => name)];
  const cells = rows.map(({ key, answers }) => [
    `\`${key}\``,
    [...new Set(outside.map(({ name }) => wordOf(answers.get(name))))].join(", "),
    ...inside.map(({ name }) => wordOf(answers.get(name))),
  ]);
  return `# Who may call what

Written by \`test/functions/api/access-matrix.test.ts\`, which asks every route of the OpenAPI document as every caller, on the real app and store
(\`UPDATE_ACCESS=1\` writes it anew). "yes": the request was carried out. 401: a sign-in is needed. 403: the role does not suffice, or it is the whole provider's
to decide. 404: what belongs to another customer is answered, letter for letter, like what never was. Whoever was refused had changed nothing.

"Not signed in" stands for ${outside.map(({ name }) => name).join(", ")}. "Another customer" asks about what is this customer's; where a path names
neither customer nor cluster, the answer is made of the caller's own.

${table(["route", ...columns], cells)}

${rows.length} routes, ${callers.length} callers, ${rows.length * callers.length} requests.
`;
}

function wordOf(answer: MatrixAnswer | undefined): string {
  if (answer === undefined) return "-";
  return words[answer.status] ?? (answer.status < 300 ? "yes" : String(answer.status));
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
