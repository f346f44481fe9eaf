import { invalidParameter } from "./query-error.ts";
import type { QueryRequest } from "./query-request.ts";

/** As HTTP subscribers see them: `Binary` values in base64. */
export interface MessageAttribute {
  readonly Type: "String" | "Number" | "Binary" | "String.Array";
  readonly Value: string;
}
export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

const types = ["String", "Number", "Binary", "String.Array"] as const;

/** Reads `<prefix>.entry.N.Name` and `.Value`. Errors: InvalidParameter, naming the attribute. */
export function readMessageAttributes(request: QueryRequest, prefix = "MessageAttributes"): MessageAttributes {
  const found: Record<string, MessageAttribute> = Object.create(null);
  for (const entry of request.prefixes(`${prefix}.entry`)) {
    const name = request.required(`${entry}.Name`);
    if (!/^(?!\.)(?!.*\.\.)(?!.*\.$)(?!aws\.|amazon\.)[\w.-]{1,256}$/i.test(name)) {
      throw invalidParameter("MessageAttributes", `the name ${JSON.stringify(name.slice(0, 64))} is not allowed`);
    }
    if (name in found) throw invalidParameter("MessageAttributes", `${name} is given twice`);
    found[name] = readValue(request, entry, name);
  }
  return { ...found };
}

function readValue(request: QueryRequest, entry: string, name: string): MessageAttribute {
  const declared = request.required(`${entry}.Value.DataType`);
  const type = types.find((known) => known === declared);
  if (type === undefined) throw invalidParameter("MessageAttributes", `${name} has the unknown data type ${declared.slice(0, 64)}`);
  const value = request.required(`${entry}.Value.${type === "Binary" ? "BinaryValue" : "StringValue"}`);
  if (type === "Number" && !isNumber(value)) throw invalidParameter("MessageAttributes", `${name} is not a number`);
  if (type === "String.Array" && arrayOf(value) === null)
    throw invalidParameter("MessageAttributes", `${name} is not a JSON array of scalars`);
  return { Type: type, Value: value };
}

export type Scalar = string | number | boolean | null;

/** The values that a filter policy sees; a Binary one has none. */
export function scalarsOf(attribute: MessageAttribute): readonly Scalar[] {
  if (attribute.Type === "String") return [attribute.Value];
  if (attribute.Type === "Number") return [Number(attribute.Value)];
  return attribute.Type === "String.Array" ? (arrayOf(attribute.Value) ?? []) : [];
}

function isNumber(text: string): boolean {
  return text.trim() !== "" && Number.isFinite(Number(text));
}

function arrayOf(text: string): readonly Scalar[] | null {
  try {
    const parsed: unknown = JSON.parse(text);
    if (!Array.isArray(parsed)) return null;
    return parsed.every((item): item is Scalar => item === null || ["string", "number", "boolean"].includes(typeof item)) ? parsed : null;
  } catch {
    return null;
  }
}
