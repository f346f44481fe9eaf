import { z } from "zod";
import { agentSettingsSchema } from "./agent-settings.ts";

interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly required?: readonly string[];
  /** One of several shapes. */
  readonly oneOf?: readonly JsonSchema[];
}

/** One setting of a node's file. */
export interface SettingRow {
  /** NAME stands for a name of one's own. */
  readonly path: string;
  /** "needed", "none", or JSON in backticks. */
  readonly byDefault: string;
  /** Empty where any value of its kind may stand there. */
  readonly range: string;
  readonly advice: string;
}

/** Every setting with its default, range and advice, made from the schema itself. */
export function settingRows(): readonly SettingRow[] {
  const schema = z.toJSONSchema(agentSettingsSchema, { io: "input", unrepresentable: "any" }) as JsonSchema;
  return rowsOf(schema, "");
}

/** The same as a Markdown table. */
export function settingsTable(): string {
  const rows = settingRows().map(({ path, byDefault, range, advice }) => `| \`${path}\` | ${byDefault} | ${range} | ${advice} |`);
  return ["| setting | default | range | advice |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function rowsOf(schema: JsonSchema, prefix: string): SettingRow[] {
  return [...rowsOfProperties(schema, prefix), ...rowsOfEach(schema, prefix), ...rowsOfKinds(schema, prefix)];
}

/** Of things that have names of their own. */
function rowsOfEach({ additionalProperties: each }: JsonSchema, prefix: string): SettingRow[] {
  if (typeof each !== "object") return [];
  const path = `${prefix}NAME`;
  const own = each.description === undefined ? [] : [row(path, each, false)];
  return [...own, ...rowsOf(each, `${path}.`)];
}

/** What several kinds have alike is told once. */
function rowsOfKinds({ oneOf = [] }: JsonSchema, prefix: string): SettingRow[] {
  const [first] = oneOf;
  if (first === undefined) return [];
  const kinds = oneOf.map((kind) => (kind.properties?.["kind"] as { readonly const?: string } | undefined)?.const ?? "");
  const kindRow = {
    path: `${prefix}kind`,
    byDefault: "needed",
    range: kinds.map((kind) => `\`${kind}\``).join(", "),
    advice: "What it asks.",
  };
  const byText = new Map(oneOf.flatMap((kind) => rowsOfProperties(kind, prefix)).map((one) => [JSON.stringify(one), one]));
  return [kindRow, ...byText.values()];
}

function rowsOfProperties(schema: JsonSchema, prefix: string): SettingRow[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, setting]) => {
    const path = `${prefix}${name}`;
    const isNeeded = schema.required?.includes(name) === true;
    const own = setting.description === undefined ? [] : [row(path, setting, isNeeded)];
    return [...own, ...rowsOf(setting, `${path}.`)];
  });
}

function row(path: string, { description = "", default: byDefault, minimum, maximum }: JsonSchema, isNeeded: boolean): SettingRow {
  const shown = isNeeded ? "needed" : byDefault === undefined ? "none" : `\`${JSON.stringify(byDefault)}\``;
  const range = minimum === undefined || maximum === undefined ? "" : `${minimum} to ${maximum}`;
  return { path, byDefault: shown, range, advice: description };
}
