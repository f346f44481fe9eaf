import type { Judgement } from "./preflight-check.ts";
import type { ToldTimeSource } from "./preflight-report.ts";

/** What keeps a node's clock, as it has told. */
export interface NodeTimeSource {
  readonly name: string;
  /** Null: it has not told. */
  readonly timeSource: ToldTimeSource | null;
}

/** Whether all clocks are kept, and whether the nodes could take the time from one and the same: one source or name in common is enough. */
export function judgeTimeSources(nodes: readonly NodeTimeSource[]): readonly Judgement[] {
  const told = nodes.flatMap(({ name, timeSource }) => (timeSource === null ? [] : [{ name, ...timeSource }]));
  const kept = told.filter(({ isSynchronised }) => isSynchronised);
  const loose = told.filter(({ isSynchronised }) => !isSynchronised);
  const unsynchronised =
    kept.length === 0 || loose.length === 0 ? [] : [`${listed(kept)}; not synchronised: ${loose.map(({ name }) => name).join(", ")}`];
  const named = kept.filter(({ sources }) => sources.length > 0);
  const [first, ...others] = named;
  const isCommon = first === undefined || first.sources.some((source) => others.every(({ sources }) => sources.includes(source)));
  const apart = isCommon
    ? []
    : [`no time source in common: ${named.map(({ name, sources }) => `${name} by ${sources.join(", ")}`).join("; ")}`];
  const problems = [...unsynchronised, ...apart];
  if (problems.length > 0) return [{ outcome: "warn", seen: problems.join("; ") }];
  if (told.length === 0) return [{ outcome: "ok", seen: "no node has told yet" }];
  return [{ outcome: "ok", seen: kept.length === 0 ? "alike: no node's clock is synchronised" : listed(kept) }];
}

function listed(kept: readonly { readonly name: string; readonly program: string }[]): string {
  return [...Map.groupBy(kept, ({ program }) => program)]
    .map(([program, some]) => `synchronised by ${program}: ${some.map(({ name }) => name).join(", ")}`)
    .join("; ");
}
