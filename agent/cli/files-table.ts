import type { FilesAnswer, FilesAnswerLine } from "../files/files-request.ts";
import { table } from "./table.ts";

export function filesTable(lines: FilesAnswer): string {
  const rows = lines.map(({ dataSet, tree, phase, report }) => [
    dataSet,
    tree,
    phase,
    report?.role ?? "-",
    String(report?.files ?? 0),
    String(report?.bytes ?? 0),
    String(report?.filesBehind ?? 0),
    String(report?.bytesBehind ?? 0),
    timeLeft(report?.secondsLeft ?? null),
    String(report?.setAside ?? 0),
    String(report?.refusedCount ?? 0),
  ]);
  const heading = [
    "DATA SET",
    "TREE",
    "PHASE",
    "THIS NODE",
    "FILES",
    "BYTES",
    "BEHIND",
    "BYTES BEHIND",
    "TIME LEFT",
    "SET ASIDE",
    "REFUSED",
  ];
  return [table(heading, rows), ...lines.flatMap(remarks)].join("\n");
}

function remarks({ dataSet, report }: FilesAnswerLine): string[] {
  const problem = report?.problem ?? null;
  const refused = report?.refused ?? [];
  const aside = report?.setAsideLatest ?? [];
  return [
    ...(problem === null ? [] : ["", `${dataSet}: ${problem}`]),
    ...(aside.length === 0
      ? []
      : [
          "",
          `Set aside in ${dataSet}, ${report?.setAside ?? 0} since the agent's start, the newest first:`,
          ...aside.map(({ at, path, keptAs }) => `  ${at} ${path}: kept as ${keptAs}`),
        ]),
    ...(refused.length === 0 ? [] : ["", `Left out of ${dataSet}:`, ...refused.map(({ path, reason }) => `  ${path}: ${reason}`)]),
  ];
}

export function verificationTable(lines: FilesAnswer): string {
  const rows = lines.map(({ dataSet, tree, verification }) => [
    dataSet,
    tree,
    String(verification?.files ?? 0),
    String(verification?.bytes ?? 0),
    String(verification?.differences ?? 0),
  ]);
  const differing = lines.flatMap(({ dataSet, verification }) =>
    (verification?.differing ?? []).map(({ path, reason }) => `  ${dataSet}, ${path}: ${reason}`),
  );
  const parts = [table(["DATA SET", "TREE", "FILES", "BYTES", "DIFFERENT"], rows)];
  if (differing.length > 0) parts.push("", "Different:", ...differing);
  return parts.join("\n");
}

function timeLeft(seconds: number | null): string {
  if (seconds === null) return "-";
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
