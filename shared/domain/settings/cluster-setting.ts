/** One setting of a cluster document: what may stand there, what holds where nothing does, and what to go by. */
export interface ClusterSetting {
  /** In the document; NAME stands for a name of the cluster's own. `of`: the kind of resource that has it, where not all have. */
  readonly path: string;
  readonly of?: string;
  readonly unit?: "ms" | "s" | "days" | "nodes" | "entries" | "resources" | "occurrences" | "hops";
  /** Of a number, or of how many there may be. */
  readonly range?: { readonly min: number; readonly max: number };
  readonly values?: readonly string[];
  /** Absent: it must be said, or there is none. */
  readonly byDefault?: string | number | boolean;
  readonly advice: string;
  /** The route of the API that takes it. */
  readonly changedBy: string;
}

/** "1000 to 3600000 ms", or the words that may stand there; empty where any name may. */
export function rangeOf({ range, unit, values }: ClusterSetting): string {
  if (range !== undefined) return `${range.min} to ${range.max}${unit === undefined ? "" : ` ${unit}`}`;
  return (values ?? []).join(", ");
}

/** What is said of a value outside its range, after its path. */
export function outOfRange(setting: ClusterSetting): string {
  return `must be ${rangeOf(setting)}. ${setting.advice}`;
}

/** As a Markdown table. */
export function clusterSettingsTable(settings: readonly ClusterSetting[]): string {
  const rows = settings.map((setting) => {
    const { path, of, byDefault, advice, changedBy } = setting;
    const name = of === undefined ? `\`${path}\`` : `\`${path}\` (${of})`;
    return `| ${name} | ${byDefault === undefined ? "none" : String(byDefault)} | ${rangeOf(setting)} | ${advice} | \`${changedBy}\` |`;
  });
  return ["| setting | default | range | advice | changed by |", "| --- | --- | --- | --- | --- |", ...rows].join("\n");
}
