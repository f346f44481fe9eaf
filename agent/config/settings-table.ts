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

/** Every setting with its default, range and advice, as a Markdown table made from the schema itself. */
export function settingsTable(): string {
  const schema = z.toJSONSchema(agentSettingsSchema, { io: "input", unrepresentable: "any" }) as JsonSchema;
  const rows = rowsOf(schema, "");
  return ["| setting | default | range | advice |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function rowsOf(schema: JsonSchema, prefix: string): string[] {
  return [...rowsOfProperties(schema, prefix), ...rowsOfEach(schema, prefix), ...rowsOfKinds(schema, prefix)];
}

/** Of things that have names of their own. */
function rowsOfEach({ additionalProperties: each }: JsonSchema, prefix: string): string[] {
  if (typeof each !== "object") return [];
  const path = `${prefix}NAME`;
  const own = each.description === undefined ? [] : [row(path, each, false)];
  return [...own, ...rowsOf(each, `${path}.`)];
}

/** What several kinds have alike is told once. */
function rowsOfKinds({ oneOf = [] }: JsonSchema, prefix: string): string[] {
  const [first] = oneOf;
  if (first === undefined) return [];
  const kinds = oneOf.map((kind) => (kind.properties?.["kind"] as { readonly const?: string } | undefined)?.const ?? "");
  const kindRow = `| \`${prefix}kind\` | needed | ${kinds.map((kind) => `\`${kind}\``).join(", ")} | What it asks. |`;
  return [kindRow, ...new Set(oneOf.flatMap((kind) => rowsOfProperties(kind, prefix)))];
}

function rowsOfProperties(schema: JsonSchema, prefix: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, setting]) => {
    const path = `${prefix}${name}`;
    const isNeeded = schema.required?.includes(name) === true;
    const own = setting.description === undefined ? [] : [row(path, setting, isNeeded)];
    return [...own, ...rowsOf(setting, `${path}.`)];
  });
}

function row(path: string, { description = "", default: byDefault, minimum, maximum }: JsonSchema, isNeeded: boolean): string {
  const shown = isNeeded ? "needed" : byDefault === undefined ? "none" : `\`${JSON.stringify(byDefault)}\``;
  const range = minimum === undefined || maximum === undefined ? "" : `${minimum} to ${maximum}`;
  return `| \`${path}\` | ${shown} | ${range} | ${description} |`;
}
