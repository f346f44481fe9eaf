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
}

/** Every setting with its default, range and advice, as a Markdown table made from the schema itself. */
export function settingsTable(): string {
  const schema = z.toJSONSchema(agentSettingsSchema, { io: "input", unrepresentable: "any" }) as JsonSchema;
  const rows = rowsOf(schema, "");
  return ["| setting | default | range | advice |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function rowsOf(schema: JsonSchema, prefix: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, setting]) => {
    const path = `${prefix}${name}`;
    const isNeeded = schema.required?.includes(name) === true;
    const own = setting.description === undefined ? [] : [row(path, setting, isNeeded)];
    const each = typeof setting.additionalProperties === "object" ? setting.additionalProperties : undefined;
    return [...own, ...rowsOf(setting, `${path}.`), ...(each === undefined ? [] : rowsOf(each, `${path}.NAME.`))];
  });
}

function row(path: string, { description = "", default: byDefault, minimum, maximum }: JsonSchema, isNeeded: boolean): string {
  const shown = isNeeded ? "needed" : byDefault === undefined ? "none" : `\`${JSON.stringify(byDefault)}\``;
  const range = minimum === undefined || maximum === undefined ? "" : `${minimum} to ${maximum}`;
  return `| \`${path}\` | ${shown} | ${range} | ${description} |`;
}
