import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { type EvilDocument, evilDocuments, type Verdict } from "./evil-documents.ts";
import { type SecurityRule, securityRules, type TestName } from "./rules.ts";

const root = resolve(import.meta.dirname, "../..");
export const documentPath = join(root, "shared/SECURITY.md");
export const lastRunPath = join(import.meta.dirname, "last-run.json");

/** Of one test, by its file and the words of its name in the source. */
const lastRunSchema = z.strictObject({
  /** Day of the run. */
  on: z.iso.date(),
  results: z.record(z.string(), z.strictObject({ passed: z.int(), failed: z.int(), skipped: z.int() })),
});
export type LastRun = z.infer<typeof lastRunSchema>;

export const keyOf = ([file, name]: TestName): string => `${file} > ${name}`;
export const readLastRun = (): LastRun => lastRunSchema.parse(JSON.parse(readFileSync(lastRunPath, "utf8")));

const cell = (text: string): string => text.replaceAll("|", "\\|");

export function rulesTable({ on, results }: LastRun): string {
  const resultOf = ({ tests }: SecurityRule): string => {
    const runs = tests.map((test) => results[keyOf(test)]);
    const sum = (kind: "passed" | "failed" | "skipped") => runs.reduce((total, run) => total + (run?.[kind] ?? 0), 0);
    const missing = runs.filter((run) => run === undefined || run.passed + run.failed + run.skipped === 0).length;
    const parts = [
      `${sum("passed")} passed`,
      ...(["failed", "skipped"] as const).flatMap((kind) => (sum(kind) === 0 ? [] : [`${sum(kind)} ${kind}`])),
    ];
    return `${parts.join(", ")}${missing === 0 ? "" : `, ${missing} not run`} (${on})`;
  };
  const rows = securityRules.map((rule) => {
    const files = [...new Set(rule.tests.map(([file]) => file))].map(
      (file) => `[${file.replace(/^test\//, "").replace(/\.test\.ts$/, "")}](../${file})`,
    );
    const rest = rule.notMet === undefined ? "" : ` **Not met:** ${rule.notMet}.`;
    return `| ${rule.id} | ${cell(rule.rule)} | ${cell(rule.how)}.${cell(rest)} | ${files.join(", ")} | ${resultOf(rule)} |`;
  });
  return ["| | rule | how it is kept | tests | last run |", "| --- | --- | --- | --- | --- |", ...rows].join("\n");
}

const words: Readonly<Record<Verdict, string>> = {
  refused: "refused",
  known: "ignored",
  waits: "waits for somebody at the node",
  taken: "taken",
};

export function evilTable(): string {
  const rows = evilDocuments.map(
    (evil) =>
      `| ${cell(evil.what)} | ${evil.key ? "with it" : "no"} | ${words[evil.verdict]} | ${withApprover(evil)} | ${cell(evil.follows)} |`,
  );
  return [
    "| sent | signing key | the node | with an approver | what follows without one |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

const withApprover = ({ verdict, free }: EvilDocument): string =>
  verdict === "taken" && free !== true ? "waits for the approver" : words[verdict];

/** The document with its tables made anew. */
export function withTables(text: string): string {
  return [
    ["rules", rulesTable(readLastRun())],
    ["evil", evilTable()],
  ].reduce(
    (document, [name, table]) =>
      document.replace(
        new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(\\n<!-- /${name} -->)`),
        (_all, start: string, end: string) => `${start}\n${table}\n${end}`,
      ),
    text,
  );
}
